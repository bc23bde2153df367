/**
 * One lease as this process holds it: renewed at a third of its time, and lost by the local monotonic clock, whatever the network does,
 * a margin before the store would give it to another. Only the fencing token protects against a process that was stopped in between.
 */
import type { Reading } from "../../../protocol/kinds.ts";
import { settle } from "../resilience/home.ts";
import type { Part } from "../resilience/part.ts";
import type { Timer } from "../runtime.ts";
import type { Data, Disposer } from "../types.ts";
import type { Grant, LeaseStore } from "./lease-store.ts";
import { pause, quietly, systemWorld, type World } from "./world.ts";

export interface LeaseOptions {
  /** After this long without a renewal another may take it. Default 15 s, at least 50 ms. */
  readonly ttlMs?: number | undefined;
  /** Given up locally this long before the time is over: longer than clocks drift and a write takes. Default a tenth of the time. */
  readonly marginMs?: number | undefined;
  readonly world?: World | undefined;
}

/** A lease in hand. */
export interface Held {
  /** Send it with every write; what is protected refuses a token lower than the highest it saw. */
  readonly token: number;
  /** Aborts when the lease is lost or released. */
  readonly signal: AbortSignal;
  /** Asks the clock, so it is right even when the event loop was blocked and no timer could fire. */
  readonly valid: boolean;
  /** Lets another have it. Never rejects: what cannot be released runs out. */
  release(): Promise<void>;
}

/** Counters and settings that the locks and leaders of one name share. */
export class LeaseDesk {
  readonly name: string;
  readonly leases: LeaseStore;
  readonly ttlMs: number;
  readonly marginMs: number;
  readonly world: World;
  readonly closed: Disposer;
  readonly counts = { acquired: 0, lost: 0, takeovers: 0, waiting: 0, token: 0 };
  #held: Holding | null = null;
  readonly #part: Part;

  /** @throws TypeError for a name or times that cannot be. */
  constructor(name: string, leases: LeaseStore, { ttlMs = 15_000, marginMs = ttlMs / 10, world = systemWorld }: LeaseOptions) {
    if (name === "" || name.length > 64) throw new TypeError("holdfast: a lease name has 1 to 64 characters");
    if (!(ttlMs >= 50 && ttlMs < 2 ** 31 && marginMs >= 0 && marginMs < (ttlMs * 2) / 3)) {
      throw new TypeError("holdfast: ttlMs is at least 50, marginMs less than two thirds of it");
    }
    this.name = name;
    this.leases = leases;
    this.ttlMs = Math.round(ttlMs);
    this.marginMs = marginMs;
    this.world = world;
    this.#part = { name, kind: "lease", read: () => this.#read(), steering: null, tell: null };
    this.closed = settle(this.#part);
  }

  tell(type: string, data: Data): void {
    this.#part.tell?.(type, data);
  }

  /** Asks the store once. Null: another has it, or the answer took longer than the lease lasts. */
  async ask(holder: string): Promise<Holding | null> {
    const answered = new AbortController();
    const late = pause(this.world, this.ttlMs, answered.signal).then(() => null);
    return Promise.race([this.#ask(holder), late]).finally(() => answered.abort());
  }

  async #ask(holder: string): Promise<Holding | null> {
    const asked = this.world.monoNow();
    const grant = await this.leases.acquire({ name: this.name, holder, ttlMs: this.ttlMs });
    if (grant === null) return null;
    const holding = new Holding(this, holder, { grant, asked });
    if (!holding.valid) {
      await holding.release();
      return null;
    }
    this.counts.acquired++;
    if (grant.takeover) this.counts.takeovers++;
    this.counts.token = grant.token;
    this.#held = holding;
    return holding;
  }

  #read(): Reading<"lease"> {
    const held = this.#held?.valid === true ? this.#held : null;
    const heldMs = held === null ? 0 : this.world.monoNow() - held.since;
    return { ...this.counts, held: held === null ? 0 : 1, heldMs };
  }
}

export class Holding implements Held {
  readonly token: number;
  readonly since: number;
  /** Called once when it is lost; not when it is released. */
  onLost: (reason: string) => void = () => undefined;
  readonly #desk: LeaseDesk;
  readonly #holder: string;
  readonly #ended = new AbortController();
  #deadline: number;
  #renewal: Timer;
  #watch: Timer;

  constructor(desk: LeaseDesk, holder: string, { grant, asked }: { readonly grant: Grant; readonly asked: number }) {
    this.#desk = desk;
    this.#holder = holder;
    this.token = grant.token;
    this.since = asked;
    this.#deadline = asked + desk.ttlMs - desk.marginMs;
    this.#renewal = desk.world.after(desk.ttlMs / 3, () => void this.#renew());
    this.#watch = this.#watchOver();
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  get valid(): boolean {
    return !this.signal.aborted && this.#desk.world.monoNow() < this.#deadline;
  }

  async release(): Promise<void> {
    if (!this.#end("released")) return;
    const { leases, name } = this.#desk;
    await quietly(() => leases.release({ name, holder: this.#holder, token: this.token }));
  }

  #watchOver(): Timer {
    const { world } = this.#desk;
    return world.after(Math.max(0, this.#deadline - world.monoNow()), () => this.#lose("not renewed in time"));
  }

  async #renew(): Promise<void> {
    const { leases, name, ttlMs, world, marginMs } = this.#desk;
    const asked = world.monoNow();
    let next = ttlMs / 3;
    try {
      const renewed = await leases.renew({ name, holder: this.#holder, token: this.token, ttlMs });
      if (!renewed) {
        this.#lose("another holds it");
        return;
      }
      if (!this.valid) {
        this.#lose("not renewed in time");
        return;
      }
      this.#deadline = asked + ttlMs - marginMs;
      this.#watch.cancel();
      this.#watch = this.#watchOver();
    } catch {
      next = ttlMs / 12;
    }
    if (!this.signal.aborted) this.#renewal = world.after(next, () => void this.#renew());
  }

  #lose(reason: string): void {
    if (!this.#end(reason)) return;
    this.#desk.counts.lost++;
    this.onLost(reason);
  }

  #end(reason: string): boolean {
    if (this.signal.aborted) return false;
    this.#renewal.cancel();
    this.#watch.cancel();
    this.#ended.abort(new Error(`lease ${this.#desk.name}: ${reason}`));
    return true;
  }
}

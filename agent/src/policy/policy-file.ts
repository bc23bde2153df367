/**
 * The last good policy on disk. Written beside and renamed over, with a checksum, and the generation before kept: a crash at any
 * point leaves at least one whole copy. Never blocks, never throws.
 */
import { createHash } from "node:crypto";
import { open, readFile, rename } from "node:fs/promises";
import { describeError, type Journal } from "../journal.ts";
import type { HeldItem, HeldPolicy } from "./held-policy.ts";

const MAX_BYTES = 4 * 1024 * 1024;

type KeptItem = Omit<HeldItem, "endsAt"> & {
  /** Wall clock end of the lease and what was left of it at saving; null when it has none. */
  readonly lease: { readonly endsAt: number; readonly leftMs: number } | null;
};

/** 1 knew switches alone. */
const FORMAT = 2;

interface KeptPolicy {
  readonly format: typeof FORMAT;
  readonly service: string;
  readonly savedAt: number;
  readonly revision: number;
  readonly items: readonly KeptItem[];
}

export interface Clocks {
  wallNow(): number;
  monoNow(): number;
}

export class PolicyFile {
  readonly #path: string;
  readonly #service: string;
  readonly #clocks: Clocks;
  readonly #journal: Journal;
  #writing: Promise<void> | null = null;
  #next: string | null = null;

  constructor(parts: { readonly path: string; readonly service: string; readonly clocks: Clocks; readonly journal: Journal }) {
    this.#path = parts.path;
    this.#service = parts.service;
    this.#clocks = parts.clocks;
    this.#journal = parts.journal;
  }

  /** The newest generation that is whole, its leases re-based on the monotonic clock. What has ended is left out. */
  async load(): Promise<{ readonly revision: number; readonly items: readonly HeldItem[] } | null> {
    for (const path of [this.#path, `${this.#path}.previous`]) {
      const kept = await this.#read(path);
      if (kept !== null) return { revision: kept.revision, items: this.#revive(kept) };
    }
    return null;
  }

  /** Writes what is held now. Calls during a write coalesce into one more write. */
  save(policy: HeldPolicy): void {
    this.#next = this.#encode(policy);
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null;
    });
  }

  /** Resolves when nothing is left to write. */
  async settled(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  async #writeAll(): Promise<void> {
    for (let text = this.#next; text !== null; text = this.#next) {
      this.#next = null;
      try {
        await this.#write(text);
      } catch (error) {
        this.#journal.errors++;
        this.#journal.once("policy file write", "warn", `the policy file cannot be written: ${describeError(error)}`);
      }
    }
  }

  async #write(text: string): Promise<void> {
    const beside = `${this.#path}.new`;
    const file = await open(beside, "w", 0o600);
    try {
      await file.writeFile(text, "utf8");
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(this.#path, `${this.#path}.previous`).catch(ignoreMissing);
    await rename(beside, this.#path);
  }

  #encode(policy: HeldPolicy): string {
    const wall = this.#clocks.wallNow();
    const mono = this.#clocks.monoNow();
    const items = [...policy.items()].map(({ endsAt, ...item }): KeptItem => {
      const leftMs = endsAt === null ? 0 : Math.max(0, Math.round(endsAt - mono));
      return { ...item, lease: endsAt === null ? null : { endsAt: wall + leftMs, leftMs } };
    });
    const kept: KeptPolicy = { format: FORMAT, service: this.#service, savedAt: wall, revision: policy.revision, items };
    const body = JSON.stringify(kept);
    return `${checksum(body)}\n${body}\n`;
  }

  async #read(path: string): Promise<KeptPolicy | null> {
    try {
      const text = await readFile(path, "utf8");
      if (text.length > MAX_BYTES) throw new Error("it is too large");
      const [sum, body] = text.split("\n");
      if (sum === undefined || body === undefined || checksum(body) !== sum) throw new Error("its checksum does not match");
      const kept = JSON.parse(body) as KeptPolicy;
      if ((kept.format as number) !== FORMAT) throw new Error("its format is not known");
      if (kept.service !== this.#service) throw new Error(`it belongs to the service ${kept.service}`);
      return kept;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
        this.#journal.once(`policy file ${path}`, "warn", `the policy file ${path} is not used: ${describeError(error)}`);
      }
      return null;
    }
  }

  /** A wall clock that was set back must not lengthen a lease: what was left at saving is the most there is. */
  #revive(kept: KeptPolicy): HeldItem[] {
    const wall = this.#clocks.wallNow();
    const mono = this.#clocks.monoNow();
    const items: HeldItem[] = [];
    for (const { lease, ...item } of kept.items) {
      const left = lease === null ? null : Math.min(lease.leftMs, lease.endsAt - wall);
      if (left === null || left > 0) items.push({ ...item, endsAt: left === null ? null : mono + left } as HeldItem);
    }
    return items;
  }
}

function checksum(body: string): string {
  return createHash("sha256").update(body, "utf8").digest("hex");
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
}

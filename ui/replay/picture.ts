/**
 * Puts a moment of the past into a store, by the messages that a live console would have sent until then: a snapshot, descriptions,
 * changed slots, events. What is shown at a moment depends on the windows given and on the moment, never on how one came there.
 */
import { placeResources, slotCount, type InstanceState } from "../../core/fleet.ts";
import { LAST_KNOWN_MS } from "../../core/replay-samples.ts";
import type { LiveInstance, LoggedEvent } from "../../protocol/live.ts";
import type { RecordedChange, RecordedInstance } from "../../protocol/replay-api.ts";
import { LiveStore } from "../live/live-store.ts";
import { LEAD_MS, lookBack, THINNED_MS } from "./look-back.ts";
import type { RecordedPage } from "./recorded-page.ts";
import type { RecordedWindow, Sampled } from "./recorded-window.ts";
import { UnpackedPages } from "./unpacked-pages.ts";

/** Unpacked columns that may be held, in bytes. */
const DECODED_MOST = 64_000_000;

const MOVES_POLICY = /^(flip|switch|policy|override|fault)\./;

export interface PictureOptions {
  readonly environment: string;
  readonly schedule: (flush: () => void) => void;
}

export class Picture {
  readonly store: LiveStore;
  #at = 0;
  /** When something last moved the policy, or what is declared of it, as far as the windows tell; its answers are of then. */
  #policyAt = 0;
  /** When something last became of an incident, as far as the windows tell. */
  #incidentAt = 0;
  /** Time of the sample that each instance's row is of. */
  readonly #rowAt = new Map<string, number>();
  readonly #unpacked = new UnpackedPages(DECODED_MOST);
  #row = new Float64Array(256);

  constructor({ environment, schedule }: PictureOptions) {
    this.store = new LiveStore({ schedule, environment, clock: () => this.#at, past: true });
  }

  get at(): number {
    return this.#at;
  }

  get policyAt(): number {
    return this.#policyAt;
  }

  get incidentAt(): number {
    return this.#incidentAt;
  }

  /** Memory of unpacked columns, in bytes. */
  get decodedBytes(): number {
    return this.#unpacked.bytes;
  }

  /** Shows `at`. Windows follow one another without a gap; the last one holds `at`. */
  show(windows: readonly RecordedWindow[], at: number): void {
    const last = windows.at(-1);
    if (last === undefined) return;
    this.store.reset();
    this.#rowAt.clear();
    this.#at = at;
    const changes = windows.flatMap((window) => window.changes.filter((change) => change.at <= at));
    this.#policyAt = changes.at(-1)?.at ?? (windows[0] ?? last).from;
    this.#incidentAt = 0;
    const described = new Map(last.story.instances.map((instance) => [instance.key, instance]));
    for (const change of last.changes) {
      if (change.at > at) break;
      for (const instance of change.instances) described.set(instance.key, instance);
      for (const key of change.forgotten) described.delete(key);
    }
    this.store.receive({
      t: "snapshot",
      now: at,
      environment: last.story.environment,
      lastEvent: 0,
      revision: last.story.revision,
      instances: [...described.values()].map((instance) => this.#whole(instance, windows, at)),
    });
    for (const instance of this.store.fleet.instances.values()) this.#rememberBefore(instance, windows);
    for (const window of windows) this.#tell(window.events.filter((event) => event.at <= at));
  }

  /** What sparklines and rates look back on is read when one asks for it. */
  #rememberBefore(instance: InstanceState, windows: readonly RecordedWindow[]): void {
    const lastAt = this.#rowAt.get(instance.key);
    if (lastAt === undefined || lastAt <= this.#at - LEAD_MS) return;
    const { key, boot, resources } = instance;
    const options = { instance: { key, boot, resources }, windows, at: this.#at, unpacked: this.#unpacked };
    this.store.recall(key, { lastAt, read: () => lookBack(options) });
  }

  /** Goes on to a later moment. */
  advance(windows: readonly RecordedWindow[], to: number): void {
    for (const [place, window] of windows.entries()) {
      if (window.to <= this.#at) continue;
      if (window.from > to) break;
      const before = windows[place - 1];
      if (before && this.#at <= window.from) {
        this.#forgetOldRows(before, window);
        this.store.forgetEvents(before.from);
        this.#policyAt = Math.max(this.#policyAt, before.from);
      }
      this.#play(before ? [before, window] : [window], window, Math.min(to, window.to));
    }
    this.#at = to;
    this.store.receive({ t: "beat", now: to });
  }

  #play(windows: readonly RecordedWindow[], window: RecordedWindow, to: number): void {
    const after = this.#at;
    const changes = window.changes.filter((change) => change.at > after && change.at <= to);
    const events = window.events.filter((event) => event.at > after && event.at <= to);
    let change = 0;
    let event = 0;
    const until = (at: number): void => {
      for (let next = changes[change]; next && next.at <= at; next = changes[++change]) this.#describe(next, windows);
      const due: LoggedEvent[] = [];
      for (let next = events[event]; next && next.at <= at; next = events[++event]) due.push(next);
      this.#tell(due);
    };
    for (const [page, index] of thinned(window.samplesWithin(after, to), to - after)) {
      const at = page.times[index] as number;
      until(at);
      this.#at = at;
      this.#sample(page, index);
    }
    until(to);
    this.#at = to;
  }

  #describe({ at, instances, forgotten }: RecordedChange, windows: readonly RecordedWindow[]): void {
    this.#at = at;
    this.#policyAt = Math.max(this.#policyAt, at);
    for (const key of forgotten) this.store.forget(key);
    if (instances.length > 0)
      this.store.receive({ t: "upsert", now: at, instances: instances.map((instance) => this.#whole(instance, windows, at)) });
  }

  /** An instance that was silent for too long is known by its description alone: as if one had come here directly. */
  #forgetOldRows(before: RecordedWindow, window: RecordedWindow): void {
    const oldest = before.from - LAST_KNOWN_MS;
    const silent = window.story.instances.filter(({ key }) => (this.#rowAt.get(key) ?? Infinity) < oldest);
    for (const { key } of silent) this.#rowAt.delete(key);
    if (silent.length > 0)
      this.store.receive({ t: "upsert", now: this.#at, instances: silent.map((instance) => this.#whole(instance, [], this.#at)) });
  }

  #tell(events: readonly LoggedEvent[]): void {
    if (events.length === 0) return;
    this.store.receive({ t: "event", now: this.#at, events: [...events] });
    const ofIncidents = events.filter((event) => event.type.startsWith("incident."));
    this.#incidentAt = Math.max(this.#incidentAt, ...ofIncidents.map((event) => event.at));
    const moving = events.filter((event) => MOVES_POLICY.test(event.type));
    if (moving.length === 0) return;
    const revisions = moving.map((event) => event.data["revision"]).filter((value) => typeof value === "number");
    this.#policyAt = Math.max(this.#policyAt, ...moving.map((event) => event.at));
    this.store.receive({ t: "policy", now: this.#at, revision: Math.max(0, ...revisions), flip: null });
  }

  #sample(page: RecordedPage, index: number): void {
    const instance = this.store.fleet.instances.get(page.key);
    if (instance?.boot !== page.boot) return;
    page.unpack();
    const row = this.#rowOf(page, index, instance);
    const slots: number[] = [];
    for (let slot = 0; slot < row.length; slot++) if (row[slot] !== instance.row[slot]) slots.push(slot, row[slot] as number);
    this.#rowAt.set(page.key, this.#at);
    this.store.receive({ t: "delta", now: this.#at, instances: [{ key: page.key, at: this.#at, slots }] });
  }

  /** A description with the values of its last sample, however old within reason: their age follows from when it was heard. */
  #whole(recorded: RecordedInstance, windows: readonly RecordedWindow[], at: number): LiveInstance {
    const row = new Float64Array(slotCount(recorded.resources));
    let heardAt = recorded.lastFrameAt;
    const found = lastSample(recorded, windows, at);
    if (found) {
      const [page, index] = found;
      const sampledAt = page.times[index] as number;
      row.set(this.#rowOf(page, index, { resources: placeResources(recorded.resources), row }));
      this.#rowAt.set(recorded.key, sampledAt);
      heardAt = Math.max(heardAt ?? 0, sampledAt);
    }
    return { ...(recorded as Omit<LiveInstance, "row">), lastFrameAt: heardAt, row: Array.from(row) };
  }

  #rowOf(page: RecordedPage, index: number, { resources, row }: Pick<InstanceState, "resources" | "row">): Float64Array {
    if (this.#row.length < row.length) this.#row = new Float64Array(row.length * 2);
    const into = this.#row.subarray(0, row.length);
    page.readRow(index, resources, into);
    this.#unpacked.read(page);
    return into;
  }
}

/** Of these windows, or from before the first of them. */
function lastSample(recorded: RecordedInstance, windows: readonly RecordedWindow[], at: number): Sampled | null {
  for (let i = windows.length - 1; i >= 0; i--) {
    const found = windows[i]?.sampleAt(recorded, at);
    if (found) return found;
  }
  return windows[0]?.lastBefore(recorded) ?? null;
}

/** Of a long stretch only what can be seen of each instance, and always its last sample: rows are whole, so none hangs on the one before. */
function thinned(samples: readonly Sampled[], spanMs: number): readonly Sampled[] {
  if (spanMs <= THINNED_MS) return samples;
  const apart = spanMs > 10_000 ? 2 * THINNED_MS : THINNED_MS;
  const last = new Map<string, number>();
  samples.forEach(([page], i) => last.set(`${page.key} ${page.boot}`, i));
  const ends = new Set(last.values());
  const kept = new Map<string, number>();
  return samples.filter(([page, index], i) => {
    const at = page.times[index] as number;
    if (at - (kept.get(page.key) ?? 0) < apart && !ends.has(i)) return false;
    kept.set(page.key, at);
    return true;
  });
}

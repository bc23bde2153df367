import type { AgentEvent } from "../../protocol/agent-up.ts";
import type { CloseName } from "../../protocol/close-codes.ts";
import { FRAME_LIVE, FrameDecoder, FrameError, type FrameHeader } from "../../protocol/frame.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { FleetLink } from "../fleet/live-fleet.ts";
import type { SampleSource } from "../history/sink.ts";
import type { AgentClock } from "./agent-clock.ts";
import type { AgentDictionary } from "./agent-dictionary.ts";
import type { AgentGatewayParts } from "./agent-gateway-parts.ts";
import { breakerStateOf } from "./breaker-event.ts";
import { RateGate } from "./rate-gate.ts";

export interface SampleIntakeOptions {
  readonly source: SampleSource;
  readonly fleet: FleetLink;
  readonly agentClock: AgentClock;
  readonly dictionary: AgentDictionary;
  readonly parts: Pick<AgentGatewayParts, "clock" | "metrics" | "sink">;
  /** Monotonic. */
  readonly now: number;
  readonly session: { refuse(code: string, message: string): void; close(name: CloseName, reason: string): void };
}

/** Slot, value, slot, value... of the frame at hand: one array for all connections, so that a frame leaves nothing behind. */
const pairs = new Float64Array(4 * LIMITS.slotsPerFrame);

const WARN_EVERY_MS = 10_000;
const SKEW_WORTH_TELLING_MS = 1_000;

/** Samples of one connection: all go to history; live ones also to the screens. */
export class SampleIntake {
  readonly #options: SampleIntakeOptions;
  readonly #decoder = new FrameDecoder();
  readonly #rate: RateGate;
  /** Slots shown ahead of their sample, to be set right by the next one. */
  readonly #ahead = new Set<number>();
  /** Of the frame before in the chain of the frame at hand. */
  #previousSeq = 0;
  #warnedAt = -WARN_EVERY_MS;
  #toldSkewMs: number;

  constructor(options: SampleIntakeOptions) {
    this.#options = options;
    this.#rate = new RateGate(LIMITS.agentFramesPerSecond, options.now);
    this.#toldSkewMs = options.agentClock.skewMs;
  }

  /** @param heardAt monotonic */
  take(bytes: Buffer, heardAt: number): void {
    const { session, parts, source, agentClock, dictionary } = this.#options;
    const verdict = this.#rate.take(1, heardAt);
    if (verdict === "persistent") {
      session.close("rateLimited", "too many samples");
      return;
    }
    // The differences of a chain build on each other, so a frame over the rate is still taken: first a warning, then the end.
    if (verdict === "over" && heardAt - this.#warnedAt >= WARN_EVERY_MS) {
      this.#warnedAt = heardAt;
      session.refuse("rate_limited", "too many samples");
    }
    const header = this.#decode(bytes);
    if (!header) return;
    const now = parts.clock.now();
    const live = header.kind === FRAME_LIVE;
    parts.metrics.countFrame(live ? "live" : "backfill", header.slots, bytes.length);
    const at = live ? agentClock.live(header.at, now) : agentClock.past(header.at, now);
    const chain = live ? this.#decoder.live : this.#decoder.backfill;
    const frame = { bytes, chain, kind: header.kind, key: header.key, previousSeq: this.#previousSeq };
    parts.sink.append(source, { seq: header.seq, at, row: chain.row, slots: header.slots, resources: dictionary.resources, frame });
    if (live) this.#show(header, now);
  }

  /** A transition shows at once, before the next sample. One that is old news would be a lie. `at` by the console's clock. */
  transition(event: AgentEvent, at: number): void {
    const state = breakerStateOf(event);
    if (state === null || !event.resource) return;
    const { parts, dictionary, fleet } = this.#options;
    const now = parts.clock.now();
    if (now - at > LIMITS.staleAfterMs || (this.#decoder.live.started && event.at < this.#decoder.live.at)) return;
    const slot = dictionary.slotOf(event.resource, "state");
    if (slot < 0) return;
    this.#ahead.add(slot);
    fleet.moved(now, [slot, state + 1]);
  }

  #decode(bytes: Buffer): FrameHeader | null {
    try {
      const { live, backfill } = this.#decoder;
      this.#previousSeq = ((bytes[0] ?? 0) & 0x0f) === FRAME_LIVE ? live.seq : backfill.seq;
      return this.#decoder.decode(bytes, this.#options.dictionary.slots);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#options.session.close("badMessage", error.message);
      return null;
    }
  }

  #show(header: FrameHeader, now: number): void {
    const { fleet, agentClock } = this.#options;
    const count = header.key ? this.#everything(header.slots) : this.#changes(header.changedCount);
    this.#ahead.clear();
    fleet.sampled(now, pairs.subarray(0, count));
    const { skewMs } = agentClock;
    if (Math.abs(skewMs - this.#toldSkewMs) > SKEW_WORTH_TELLING_MS) fleet.clockSkewed((this.#toldSkewMs = skewMs));
  }

  #changes(changedCount: number): number {
    const { row } = this.#decoder.live;
    const { changed } = this.#decoder;
    let count = 0;
    for (let i = 0; i < changedCount; i++) {
      const slot = changed[i] as number;
      pairs[count++] = slot;
      pairs[count++] = row[slot] as number;
    }
    for (const slot of this.#ahead) {
      pairs[count++] = slot;
      pairs[count++] = row[slot] ?? 0;
    }
    return count;
  }

  /** A new chain: everything may differ from what is shown, also what became unknown. */
  #everything(slots: number): number {
    const { row } = this.#decoder.live;
    const shown = this.#options.fleet.state?.row;
    let count = 0;
    for (let slot = 0; slot < this.#options.dictionary.slots; slot++) {
      const value = slot < slots ? (row[slot] as number) : 0;
      if (shown?.[slot] === value) continue;
      pairs[count++] = slot;
      pairs[count++] = value;
    }
    return count;
  }
}

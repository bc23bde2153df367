/** Events not yet acknowledged: numbered, bounded, with an exact count of what the bound cost. */
import type { AgentEvent } from "../../../protocol/agent-up.ts";
import { LIMITS } from "../../../protocol/limits.ts";

export interface EventRingLimits {
  readonly events: number;
  readonly bytes: number;
}

const EVENT_RING_LIMITS: EventRingLimits = { events: 1_000, bytes: 256 * 1024 };

/** Well below what the console takes in one frame. */
const MESSAGE_BYTES = 96 * 1024;

interface KeptEvent {
  readonly seq: number;
  readonly json: string;
}

export interface EventBatch {
  /** The whole `events` message, ready to send. */
  readonly message: string;
  readonly count: number;
}

export class EventRing {
  readonly #limits: EventRingLimits;
  #kept: KeptEvent[] = [];
  #bytes = 0;
  #nextSeq = 1;
  /** Highest sequence ever put on a wire, on any connection. */
  #everSent = 0;
  /** Highest sequence put on the present connection, or on the last one while there is none. */
  #sent = 0;
  #acked = 0;
  /** Sent, then pushed out by the bound before the console said whether it had them: ranges, ascending. */
  #doubt: { from: number; to: number }[] = [];
  #lost = 0;
  /** Losses told to the console, confirmed once it acknowledges the sequence they travelled with. */
  #reported = 0;
  #inFlightReports: { upTo: number; count: number }[] = [];

  constructor(limits: EventRingLimits = EVENT_RING_LIMITS) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#kept.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Events lost for certain since the start. */
  get dropped(): number {
    return this.#lost;
  }

  get lastSeq(): number {
    return this.#nextSeq - 1;
  }

  push(event: Omit<AgentEvent, "seq">): void {
    const seq = this.#nextSeq++;
    const json = JSON.stringify({ seq, ...event } satisfies AgentEvent);
    this.#kept.push({ seq, json });
    this.#bytes += Buffer.byteLength(json);
    let over = 0;
    let bytes = this.#bytes;
    while (this.#kept.length - over > this.#limits.events || (bytes > this.#limits.bytes && this.#kept.length - over > 1)) {
      bytes -= Buffer.byteLength(this.#kept[over]?.json ?? "");
      this.#evicted(this.#kept[over]?.seq ?? 0);
      over++;
    }
    if (over > 0) this.#kept = this.#kept.slice(over);
    this.#bytes = bytes;
  }

  /** Everything up to `seq` is on disk. */
  acknowledged(seq: number): void {
    if (seq <= this.#acked || seq > this.#everSent) return;
    this.#acked = seq;
    this.#doubt = this.#doubt.filter((range) => range.to > seq);
    for (const range of this.#doubt) range.from = Math.max(range.from, seq + 1);
    this.#inFlightReports = this.#inFlightReports.filter((report) => report.upTo > seq);
    const keep = this.#kept.findIndex((event) => event.seq > seq);
    const gone = this.#kept.splice(0, keep < 0 ? this.#kept.length : keep);
    for (const event of gone) this.#bytes -= Buffer.byteLength(event.json);
  }

  /** A new connection, on which the console said what it has: everything after that is sent again. */
  reconnected(seq: number): void {
    this.acknowledged(seq);
    for (const range of this.#doubt) this.#lost += range.to - range.from + 1;
    this.#doubt = [];
    for (const report of this.#inFlightReports) this.#reported -= report.count;
    this.#inFlightReports = [];
    this.#sent = 0;
  }

  /** The console refused events on this connection: everything it has not acknowledged is sent again. */
  rewind(): void {
    this.#sent = this.#acked;
  }

  /** The next unsent events as one message, or null. */
  takeBatch(limit: number = LIMITS.eventsPerMessage): EventBatch | null {
    const first = this.#kept.findIndex((event) => event.seq > this.#sent);
    if (first < 0) return null;
    const texts: string[] = [];
    let bytes = 0;
    let last = this.#sent;
    for (let i = first; i < this.#kept.length && texts.length < Math.min(limit, LIMITS.eventsPerMessage); i++) {
      const event = this.#kept[i];
      if (event === undefined || (texts.length > 0 && bytes + event.json.length > MESSAGE_BYTES)) break;
      texts.push(event.json);
      bytes += event.json.length;
      last = event.seq;
    }
    const dropped = this.#lost - this.#reported;
    if (dropped > 0) this.#inFlightReports.push({ upTo: this.#kept[first]?.seq ?? last, count: dropped });
    this.#reported = this.#lost;
    this.#sent = last;
    this.#everSent = Math.max(this.#everSent, last);
    return { message: `{"t":"events","dropped":${dropped},"events":[${texts.join(",")}]}`, count: texts.length };
  }

  /** True while an event has not been put on the present connection. */
  hasUnsent(): boolean {
    const last = this.#kept.at(-1);
    return last !== undefined && last.seq > this.#sent;
  }

  #evicted(seq: number): void {
    const last = this.#doubt.at(-1);
    if (seq > this.#sent) this.#lost++;
    else if (last?.to === seq - 1) last.to = seq;
    else this.#doubt.push({ from: seq, to: seq });
  }
}

import type { AgentDown } from "../../protocol/agent-down.ts";
import type { AgentEvent, AgentUp } from "../../protocol/agent-up.ts";
import type { CloseName } from "../../protocol/close-codes.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { SampleSource } from "../history/sink.ts";
import type { AgentClock } from "./agent-clock.ts";
import type { AgentGatewayParts } from "./agent-gateway-parts.ts";
import { RateGate } from "./rate-gate.ts";

export interface EventIntakeOptions {
  readonly source: SampleSource;
  readonly agentClock: AgentClock;
  /** Highest sequence on disk at the welcome. */
  readonly acked: number;
  readonly parts: Pick<AgentGatewayParts, "clock" | "committer" | "fleet" | "metrics">;
  /** Monotonic. */
  readonly now: number;
  readonly session: {
    tell(message: AgentDown): void;
    refuse(code: string, message: string): void;
    close(name: CloseName, reason: string): void;
    /** `at` by the console's clock. */
    happened(event: AgentEvent, at: number): void;
  };
}

type EventsMessage = Extract<AgentUp, { t: "events" }>;

/** Events of one connection that wait for the disk at most; more are refused. */
const WAITING_MOST = 2_000;
const STUCK_MS = 10_000;

/**
 * Takes events in, has them committed, acknowledges. The acknowledgement is cumulative, so once a message had to be refused nothing
 * later is taken until the agent has sent that one again: otherwise an acknowledgement would cover events that are nowhere.
 */
export class EventIntake {
  readonly #options: EventIntakeOptions;
  readonly #rate: RateGate;
  #acked: number;
  #waiting = 0;
  /** First sequence refused, and since when; null when none is missing. */
  #hole: { readonly seq: number; readonly since: number } | null = null;

  constructor(options: EventIntakeOptions) {
    this.#options = options;
    this.#acked = options.acked;
    this.#rate = new RateGate(LIMITS.agentEventsPerSecond, options.now);
  }

  /** Refusing has not helped: the agent does not send again what is missing. */
  stuck(now: number): boolean {
    return this.#hole !== null && now - this.#hole.since >= STUCK_MS;
  }

  /** @param over the agent sends too many messages */
  take({ events, dropped }: EventsMessage, over: boolean, now: number): void {
    const { session, source, parts } = this.#options;
    const first = events[0];
    if (!inOrder(events)) {
      session.close("badMessage", "events out of order");
      return;
    }
    const verdict = this.#rate.take(events.length, now);
    if (verdict === "persistent") {
      session.close("rateLimited", "too many events");
      return;
    }
    if (dropped > 0) {
      parts.metrics.countDropped("agent-events", dropped);
      parts.fleet.note(source, "agent.events_dropped", { count: dropped, boot: source.boot });
    }
    if (!first) return;
    if (over || verdict === "over") {
      this.#refuse(first.seq, "rate_limited", now);
      return;
    }
    if (this.#waiting + events.length > WAITING_MOST) {
      this.#refuse(first.seq, "busy", now);
      return;
    }
    if (this.#hole && first.seq > this.#hole.seq) {
      this.#refuse(first.seq, "out_of_sequence", now);
      return;
    }
    this.#hole = null;
    const fresh = events.filter((event) => event.seq > this.#acked);
    if (fresh.length === 0) {
      session.tell({ t: "ack", events: this.#acked });
      return;
    }
    this.#commit(fresh);
  }

  #refuse(seq: number, code: string, now: number): void {
    this.#hole = { seq: Math.min(seq, this.#hole?.seq ?? seq), since: this.#hole?.since ?? now };
    this.#options.session.refuse(code, `send events from ${String(this.#hole.seq)} on again`);
  }

  #commit(fresh: readonly AgentEvent[]): void {
    const { parts, source, agentClock, session } = this.#options;
    const receivedAt = parts.clock.now();
    const at = fresh.map((event) => agentClock.past(event.at, receivedAt));
    fresh.forEach((event, index) => session.happened(event, at[index] ?? receivedAt));
    const last = fresh.at(-1)?.seq ?? 0;
    this.#waiting += fresh.length;
    parts.committer.push({
      // Times are corrected already, so there is nothing left to add.
      batch: { ...source, receivedAt, skewMs: 0, events: fresh.map((event, index) => ({ ...event, at: at[index] ?? receivedAt })) },
      committed: () => {
        this.#waiting -= fresh.length;
        this.#acked = Math.max(this.#acked, last);
        session.tell({ t: "ack", events: this.#acked });
      },
      refused: () => session.close("internal", "events could not be written"),
    });
  }
}

function inOrder(events: readonly AgentEvent[]): boolean {
  for (let i = 1; i < events.length; i++) if ((events[i] as AgentEvent).seq <= (events[i - 1] as AgentEvent).seq) return false;
  return true;
}

/** Sends events as soon as they happen: what one turn of the loop brings travels together, inside the console's rate limits. */
import type { Clock, Timer } from "../runtime.ts";
import type { Dictionary } from "./dictionary.ts";
import type { EventRing } from "./event-ring.ts";
import { Rate } from "./rate.ts";
import type { Wire } from "./wire.ts";

/** With the bursts below the console's averages over ten seconds (1,000 events, 500 messages) are never reached. */
const EVENT_BURST = 400;
const EVENTS_PER_SECOND = 50;
const MESSAGE_BURST = 150;
const MESSAGES_PER_SECOND = 20;
const RETRY_MS = 100;
/** After a refusal; the console gives up on an agent that has not sent again within ten seconds. */
const REFUSED_MS = 1_000;

export class EventSender {
  readonly #clock: Clock;
  readonly #ring: EventRing;
  readonly #dictionary: Dictionary;
  readonly #events: Rate;
  readonly #messages: Rate;
  #wire: Wire | null = null;
  #queued = false;
  #pausedUntil = 0;
  #timer: Timer | null = null;

  constructor(parts: { readonly clock: Clock; readonly ring: EventRing; readonly dictionary: Dictionary }) {
    this.#clock = parts.clock;
    this.#ring = parts.ring;
    this.#dictionary = parts.dictionary;
    const now = parts.clock.monoNow();
    this.#events = new Rate(EVENT_BURST, EVENTS_PER_SECOND, now);
    this.#messages = new Rate(MESSAGE_BURST, MESSAGES_PER_SECOND, now);
  }

  connected(wire: Wire, eventsAcked: number): void {
    this.#wire = wire;
    this.#pausedUntil = 0;
    this.#ring.reconnected(eventsAcked);
    this.flush();
  }

  disconnected(): void {
    this.#wire = null;
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** The console could not take events just now: all that is not acknowledged goes again, a moment later. */
  refused(): void {
    this.#ring.rewind();
    this.#pausedUntil = this.#clock.monoNow() + REFUSED_MS;
    this.#later(REFUSED_MS);
  }

  /** Something was pushed into the ring, or the dictionary grew: it leaves at the end of this turn. */
  soon(): void {
    if (this.#queued || this.#wire === null) return;
    this.#queued = true;
    queueMicrotask(() => {
      this.#queued = false;
      this.flush();
    });
  }

  flush(): void {
    const wire = this.#wire;
    if (wire === null) return;
    const now = this.#clock.monoNow();
    if (this.#messages.available(now) > 0 && this.#dictionary.sendNew(wire)) this.#messages.spend(1);
    while (this.#ring.hasUnsent() && now >= this.#pausedUntil) {
      const events = this.#events.available(now);
      if (events < 1 || this.#messages.available(now) < 1) break;
      const batch = this.#ring.takeBatch(events);
      if (batch === null) break;
      wire.sendText(batch.message);
      this.#events.spend(batch.count);
      this.#messages.spend(1);
    }
    if (this.#ring.hasUnsent()) this.#later(RETRY_MS);
  }

  #later(ms: number): void {
    this.#timer ??= this.#clock.after(ms, () => {
      this.#timer = null;
      this.flush();
    });
  }
}

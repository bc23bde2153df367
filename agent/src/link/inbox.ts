/** Reads what a console sends. Whatever arrives, it never throws: the console is untrusted input too. */
import type { AgentDown } from "../../../protocol/agent-down.ts";
import type { Journal } from "../journal.ts";
import { fits } from "./fits.ts";
import { agentDown } from "./wire-shapes.ts";

/** Messages in one frame; more is not a frame this protocol makes. */
const MAX_BATCH = 2_000;

/** Frames that cannot be read before the link is given up. */
const MAX_UNREADABLE = 20;

export interface InboxHandlers {
  message(message: AgentDown): void;
  /** An object that is no message of this protocol version. */
  unknown(message: Readonly<Record<string, unknown>>): void;
  /** Too much of what arrived cannot be read. */
  hopeless(): void;
}

export class Inbox {
  readonly #handlers: InboxHandlers;
  readonly #journal: Journal;
  #unreadable = 0;

  constructor(handlers: InboxHandlers, journal: Journal) {
    this.#handlers = handlers;
    this.#journal = journal;
  }

  text(frame: string): void {
    let parsed: unknown;
    try {
      parsed = JSON.parse(frame);
    } catch {
      this.unreadable("the console sent a text frame that is not JSON");
      return;
    }
    const batch: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
    if (batch.length > MAX_BATCH) {
      this.unreadable(`the console sent ${batch.length} messages in one frame`);
      return;
    }
    for (const message of batch) this.#one(message);
  }

  unreadable(why: string): void {
    this.#journal.once(`unreadable ${why}`, "warn", why);
    if (++this.#unreadable === MAX_UNREADABLE) this.#handlers.hopeless();
  }

  #one(message: unknown): void {
    if (fits(agentDown, message)) {
      this.#handlers.message(message as AgentDown);
      return;
    }
    this.unreadable("the console sent a message that this agent does not know");
    if (typeof message === "object" && message !== null) this.#handlers.unknown(message as Readonly<Record<string, unknown>>);
  }
}

/**
 * What the console says, word by word, to the store and to a second reader of the same words. While only the second reader needs the values of the
 * fleet, the store is not told them; when they are needed again, the second reader tells what
 * the store has missed. No React here.
 */
import type { LiveDown } from "../../protocol/live.ts";
import type { LiveStore } from "./live-store.ts";

/** To the second reader, in the order in which things happened. */
export type ToReader =
  | { readonly t: "words"; readonly texts: readonly string[] }
  | { readonly t: "pause" }
  | { readonly t: "resume" }
  /** Tell all values as they are now: `caughtUp` is the answer. */
  | { readonly t: "catch-up"; readonly question: number };

export type Follows = "following" | "resting" | "catching up";

/** How a word of values begins. */
const VALUES = '{"t":"delta",';
/** So many words of values are told at once while the store rests; they are told sooner when anything else is. */
const TOLD_AT_ONCE = 16;

export class Follower {
  readonly #store: LiveStore;
  readonly #listeners = new Set<() => void>();
  #reader: ((message: ToReader) => void) | null = null;
  #follows: Follows = "following";
  #resters = 0;
  #question = 0;
  /** Words of values that the second reader has not been told yet. */
  #untold: string[] = [];
  /** Words that came after the question and before its answer; and of them, those that the pause holds back. */
  #since: LiveDown[] = [];
  readonly #held: LiveDown[] = [];
  #pausedThere = false;

  constructor(store: LiveStore) {
    this.#store = store;
  }

  /** Whether the store holds the values of the fleet as they are now. */
  get follows(): Follows {
    return this.#follows;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Gives every word from now on to a second reader, who must not have missed any. The returned function ends that. */
  attach(reader: (message: ToReader) => void): () => void {
    this.#reader = reader;
    const leave = this.#store.subscribe("connection", () => this.#settle());
    return () => {
      leave();
      if (this.#reader === reader) this.#reader = null;
      this.#untold = [];
    };
  }

  /** The second reader is gone. True when the store has missed something, and needs a new snapshot. */
  lose(): boolean {
    const missed = this.#follows !== "following";
    this.#reader = null;
    this.#follow();
    return missed;
  }

  /** The caller does not need values in the store. The returned function ends that. */
  rest(): () => void {
    this.#resters++;
    this.#settle();
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#resters--;
      this.#settle();
    };
  }

  hear(text: string): void {
    this.#settle();
    if (this.#reader) this.#untold.push(text);
    if (this.#follows === "resting" && text.startsWith(VALUES)) {
      // The console beats each second besides: the store knows that it is heard.
      if (this.#untold.length >= TOLD_AT_ONCE) this.#tellWords();
      return;
    }
    this.#tellWords();
    this.#take(JSON.parse(text) as LiveDown);
  }

  /** Tells the second reader everything that has happened: before it is asked for anything. */
  tell(): void {
    this.#settle();
    this.#tellWords();
  }

  /** The answer to a `catch-up`: values as words would have told them, oldest first. */
  caughtUp(question: number, values: readonly LiveDown[]): void {
    if (this.#follows !== "catching up" || question !== this.#question) return;
    this.#store.catchUp([...values, ...this.#since]);
    this.#since = [];
    this.#follow();
    this.#settle();
  }

  #tellWords(): void {
    if (this.#untold.length > 0) this.#reader?.({ t: "words", texts: this.#untold });
    this.#untold = [];
  }

  #take(message: LiveDown): void {
    if (this.#follows !== "catching up" || (message.t !== "delta" && message.t !== "upsert" && message.t !== "snapshot")) {
      this.#store.receive(message);
    } else if (message.t === "snapshot" && this.#store.heldBack === null) {
      // It holds every value: neither the answer nor what came since is needed any more.
      this.#since = [];
      this.#held.length = 0;
      this.#store.receive(message);
      this.#follow();
    } else {
      // The answer is older, and goes first.
      (this.#store.heldBack === null ? this.#since : this.#held).push(message);
      this.#store.receive({ t: "beat", now: message.now });
    }
  }

  #follow(): void {
    const words = [...this.#since, ...this.#held.splice(0)];
    this.#since = [];
    for (const message of words) this.#store.receive(message);
    this.#set("following");
  }

  #settle(): void {
    if (!this.#reader) return;
    const paused = this.#store.heldBack !== null;
    if (!paused) this.#since.push(...this.#held.splice(0));
    const mayRest = this.#resters > 0 && !paused;
    if (mayRest && this.#follows === "following") this.#set("resting");
    else if (!mayRest && this.#follows === "resting") {
      this.#tellWords();
      this.#reader({ t: "catch-up", question: ++this.#question });
      this.#set("catching up");
    }
    if (paused === this.#pausedThere) return;
    this.#pausedThere = paused;
    this.#tellWords();
    this.#reader({ t: paused ? "pause" : "resume" });
  }

  #set(follows: Follows): void {
    if (follows === this.#follows) return;
    this.#follows = follows;
    for (const listener of this.#listeners) listener();
  }
}

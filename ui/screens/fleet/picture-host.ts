/** The page's end of the worker that makes the picture of the fleet. No React here. */
import { replaceEqualDeep } from "@tanstack/react-query";
import type { SeriesAnswer } from "../../../protocol/api.ts";
import type { Follower } from "../../live/follower.ts";
import type { LiveStore } from "../../live/live-store.ts";
import type { FleetWords, PictureFrame, PictureLook, PictureRequest } from "./fleet-picture.ts";
import type { Members } from "./grid-layout.ts";
import type { Drawing, Face, FromPictureWorker, ToPictureWorker } from "./picture-messages.ts";

/** As much of a Worker as is used. */
export interface PictureWorker {
  onmessage: ((event: MessageEvent<FromPictureWorker>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(message: ToPictureWorker): void;
  terminate(): void;
}

/** A picture as it came from the worker. */
export interface MadePicture {
  readonly words: FleetWords;
  readonly members: readonly Members[];
  /** The last that was drawn. */
  readonly drawn: Drawing | null;
}

/** What says the same as before stays the same object, so that nothing of it is drawn again. */
const kept = (before: FleetWords | undefined, words: FleetWords): FleetWords => replaceEqualDeep(before, words);

type Wish = Extract<ToPictureWorker, { t: "make" }>;

export interface PictureHostOptions {
  readonly store: LiveStore;
  readonly follower: Follower;
  /** Asks the console for a snapshot, because nobody can tell the store what it has missed. */
  readonly again: () => void;
}

export class PictureHost {
  readonly #options: PictureHostOptions;
  readonly #listeners = new Set<() => void>();
  #worker: PictureWorker | null = null;
  #made: MadePicture | null = null;
  #old = true;
  #looking = false;
  #look: Extract<ToPictureWorker, { t: "look" }> | null = null;
  #busy = false;
  /** What was wished for meanwhile; only the last of it. */
  #next: Wish | null = null;

  constructor(options: PictureHostOptions) {
    this.#options = options;
  }

  /** False before there is a worker, and after it failed: pictures are then made on the page. */
  get working(): boolean {
    return this.#worker !== null;
  }

  /** The last picture; null before the first. */
  get made(): MadePicture | null {
    return this.#made;
  }

  /** The last picture is of before somebody began to look. */
  get old(): boolean {
    return this.#old;
  }

  /** Nobody looks any more: what is there is not shown to who looks next. */
  leave(): void {
    this.#looking = false;
    this.#old = true;
  }

  /** Told of each picture, and when the worker is there or gone. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Before the first word of the console. The returned function ends the worker. */
  start(worker: PictureWorker): () => void {
    const detach = this.#options.follower.attach((message) => worker.postMessage(message));
    const stop = (): void => {
      if (this.#worker !== worker) return;
      detach();
      Object.assign(worker, { onmessage: null, onerror: null });
      worker.terminate();
      this.#worker = null;
      this.#made = null;
      this.#old = true;
      this.#busy = false;
      this.#next = null;
      if (this.#options.follower.lose()) this.#options.again();
      this.#tell();
    };
    worker.onmessage = ({ data }) => this.#hear(data);
    worker.onerror = stop;
    this.#worker = worker;
    if (this.#look) worker.postMessage(this.#look);
    this.#tell();
    return stop;
  }

  /** Asks for a picture. While one is being made, only the last wish is kept. */
  make(request: PictureRequest, frame: PictureFrame | null): void {
    this.#looking = true;
    const wish: Wish = { t: "make", request, frame };
    if (this.#busy) this.#next = wish;
    else this.#send(wish);
  }

  look(look: PictureLook, faces: readonly Face[]): void {
    this.#look = { t: "look", look, faces };
    this.#worker?.postMessage(this.#look);
  }

  backfill(answer: SeriesAnswer): void {
    this.#worker?.postMessage({ t: "backfill", answer });
  }

  #send(wish: Wish): void {
    if (!this.#worker) return;
    this.#busy = true;
    this.#options.follower.tell();
    this.#worker.postMessage(wish);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #hear(message: FromPictureWorker): void {
    const { store, follower } = this.#options;
    switch (message.t) {
      case "moved":
        store.statesMoved();
        return;
      case "caught-up":
        follower.caughtUp(message.question, message.values);
        return;
      case "picture": {
        const { words, members, drawn } = message;
        // One that nobody has put on the page is not needed any more.
        if (drawn) this.#made?.drawn?.bitmap.close();
        this.#made = {
          words: kept(this.#made?.words, words),
          members: members ?? this.#made?.members ?? [],
          drawn: drawn ?? this.#made?.drawn ?? null,
        };
        this.#old = !this.#looking;
        this.#busy = false;
        const next = this.#next;
        this.#next = null;
        if (next) this.#send(next);
        this.#tell();
      }
    }
  }
}

/** The policies of this process at their agent: each gets its resource, its place in the log, and its steering. */
import type { Journal } from "../journal.ts";
import { Guard } from "../observe/guard.ts";
import type { Part, PartHost, Steering } from "../resilience/part.ts";
import { fillerOf } from "../telemetry/columns.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Disposer } from "../types.ts";
import type { HeldPolicy } from "./held-policy.ts";
import type { SteeredParts } from "./steered-parts.ts";

export interface AttachedPartsParts {
  readonly journal: Journal;
  readonly telemetry: Telemetry;
  readonly steered: SteeredParts;
  readonly held: HeldPolicy;
}

export class AttachedParts implements PartHost {
  readonly #parts: AttachedPartsParts;
  #closed = false;

  constructor(parts: AttachedPartsParts) {
    this.#parts = parts;
  }

  attach(part: Part): Disposer {
    const { journal, telemetry } = this.#parts;
    const { kind, name, target, steering } = part;
    const guard = new Guard(journal, `${kind} ${name}`, () => detach());
    const fill = fillerOf(kind);
    const resource = telemetry.place(
      { kind, name, target },
      {
        read: (cells) =>
          guard.run(() => {
            fill(part.read(), cells);
            return true;
          }, false),
      },
    );
    part.tell = (type, data) => guard.run(() => telemetry.event(type, data, { kind, name }), undefined);
    const release = steering === null ? null : this.steer(name, steering);
    const detach = (): void => {
      guard.close();
      part.tell = null;
      release?.();
      // An agent that closes leaves what it showed as it was.
      if (resource !== null && !this.#closed) telemetry.retire(resource);
    };
    return detach;
  }

  /** Lets the console steer something that is observed already. */
  steer(name: string, steering: Steering): Disposer {
    const { steered, held, telemetry } = this.#parts;
    const added = steered.add(name, steering, held);
    if (added === null) return () => undefined;
    telemetry.steered(added.declaration);
    return added.release;
  }

  close(): void {
    this.#closed = true;
  }
}

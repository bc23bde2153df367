/** What the store's thread and its owner say to each other, and how errors cross between them. */
import type { CommitReport } from "../commit-queue.ts";
import { LeaseLost } from "../tier-store.ts";
import { AlreadyOver } from "../change-set.ts";
import { InvalidCursor, RevisionConflict, type Store, StoreStartError, StoreUnavailable } from "../store.ts";

export type StoreMethod = keyof Store;

export interface WorkerSettings {
  readonly path: string;
  readonly busyTimeoutMs: number;
}

/** To the thread. */
export interface StoreCall {
  readonly id: number;
  readonly method: StoreMethod;
  readonly args: readonly unknown[];
}

/** From the thread. `ready` comes first and once, or `failed` instead. */
export type StoreReply =
  | { readonly type: "ready" }
  | { readonly type: "failed"; readonly error: ErrorParts }
  | { readonly type: "value"; readonly id: number; readonly value: unknown }
  | { readonly type: "error"; readonly id: number; readonly error: ErrorParts }
  | { readonly type: "commit"; readonly report: CommitReport };

export interface ErrorParts {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
  /** Of a RevisionConflict. */
  readonly current: number | undefined;
  readonly cause: ErrorParts | undefined;
}

export function takeApart(thrown: unknown): ErrorParts {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { code } = error as { code?: unknown };
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    code: typeof code === "string" ? code : undefined,
    current: error instanceof RevisionConflict ? error.current : undefined,
    cause: error.cause === undefined ? undefined : takeApart(error.cause),
  };
}

/** The same error on this side: of the same class where callers look at the class, of the same name otherwise. */
export function putTogether(parts: ErrorParts): Error {
  const options = parts.cause === undefined ? {} : { cause: putTogether(parts.cause) };
  const error = instanceOf(parts, options);
  if (error.name !== parts.name) Object.defineProperty(error, "name", { value: parts.name, configurable: true });
  if (parts.stack !== undefined) error.stack = parts.stack;
  if (parts.code !== undefined) Object.assign(error, { code: parts.code });
  return error;
}

function instanceOf({ name, message, current }: ErrorParts, options: ErrorOptions): Error {
  switch (name) {
    case "RevisionConflict":
      return new RevisionConflict(current ?? 0);
    case "AlreadyOver":
      return new AlreadyOver(message.includes("set") ? "set" : "change");
    case "InvalidCursor":
      return new InvalidCursor();
    case "LeaseLost":
      return new LeaseLost();
    case "StoreUnavailable":
      return new StoreUnavailable(message, options);
    case "StoreStartError":
      return new StoreStartError(message, options);
    case "RangeError":
      return new RangeError(message, options);
    default:
      return new Error(message, options);
  }
}

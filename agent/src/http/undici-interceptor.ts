import type { HeaderCarrier, HeaderValue } from "./headers.ts";
import { writeCall, type OutgoingOptions } from "./outgoing.ts";

/** The parts of undici 6, 7 and 8 an interceptor needs. */
export interface DispatchOptionsLike {
  headers?: unknown;
}
export interface DispatchHandlerLike {
  onResponseError?(controller: unknown, error: Error): void;
  onError?(error: Error): void;
}

/**
 * For `dispatcher.compose(...)`: writes deadline and priority of the current call on every request, and fails those that have no time left
 * with a PolicyError `deadline_exceeded` before they take a connection.
 */
export function deadlineInterceptor(options?: OutgoingOptions) {
  return <O extends DispatchOptionsLike, H extends DispatchHandlerLike>(dispatch: (options: O, handler: H) => boolean) =>
    (request: O, handler: H): boolean => {
      const headers = new Map<string, unknown>();
      for (const [name, value] of pairs(request.headers)) {
        const before = headers.get(String(name));
        headers.set(String(name), before === undefined ? value : [before, value].flat());
      }
      try {
        writeCall(carrier(headers), options);
      } catch (error) {
        // In the words of undici 7 and 8, else in those of 6.
        if (handler.onResponseError) handler.onResponseError(null, error as Error);
        else handler.onError?.(error as Error);
        return false;
      }
      return dispatch({ ...request, headers: Object.fromEntries(headers) }, handler);
    };
}

/** undici takes a flat list, anything that iterates over pairs, and a plain object. */
function pairs(headers: unknown): Iterable<readonly [unknown, unknown]> {
  if (Array.isArray(headers)) {
    const list: readonly unknown[] = headers;
    return list.flatMap((name, i) => (i % 2 === 0 ? [[name, list[i + 1]] as const] : []));
  }
  if (typeof headers !== "object" || headers === null) return [];
  return Symbol.iterator in headers ? (headers as Iterable<[unknown, unknown]>) : Object.entries(headers);
}

/** Header names are equal in any case. */
function carrier(headers: Map<string, unknown>): HeaderCarrier {
  const keyOf = (name: string) => [...headers.keys()].find((key) => key.toLowerCase() === name) ?? name;
  return {
    get: (name) => headers.get(keyOf(name)) as HeaderValue,
    set: (name, value) => {
      headers.delete(keyOf(name));
      if (value !== null) headers.set(name, value);
    },
  };
}

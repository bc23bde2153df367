"use client";
import { useCallback, useRef } from "react";

/**
 * An Idempotency-Key that stays the same while the same thing is sent again: after a cut line the person holds once more, and the
 * console does it once. Another body gets another key.
 */
export function useSteadyKey(): (body: unknown) => string {
  const last = useRef<{ readonly body: string; readonly key: string } | null>(null);
  return useCallback((body) => {
    const text = JSON.stringify(body);
    if (last.current?.body !== text) last.current = { body: text, key: crypto.randomUUID() };
    return last.current.key;
  }, []);
}

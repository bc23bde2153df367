"use client";
import { useSyncExternalStore } from "react";

const QUERY = "(max-width: 760px)";
let media: MediaQueryList | undefined;
const asked = (): MediaQueryList => (media ??= window.matchMedia(QUERY));

function subscribe(listener: () => void): () => void {
  asked().addEventListener("change", listener);
  return () => asked().removeEventListener("change", listener);
}

/** The same, asked once. */
export const isNarrow = (): boolean => asked().matches;

/** True on a phone, where a map cannot be read and a list can. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => asked().matches,
    () => false,
  );
}

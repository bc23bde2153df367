"use client";
import { useSyncExternalStore } from "react";

const never = () => () => undefined;

/** Whether Command stands where others have Ctrl. False until the browser has taken over. */
export function useIsMac(): boolean {
  return useSyncExternalStore(
    never,
    () => /mac|iphone|ipad/i.test(navigator.userAgent),
    () => false,
  );
}

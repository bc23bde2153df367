"use client";
import { useEffect, useState } from "react";

/**
 * What takes the focus gives it back where it came from when it goes; to the page when that is gone too. `heir` is the id of what stands there
 * again when it had taken the place of where it came from.
 */
export function useFocusReturn(heir?: string): void {
  const [before] = useState(() => (typeof document === "undefined" ? null : document.activeElement));
  useEffect(
    () => () => {
      const lost = document.activeElement === null || document.activeElement === document.body;
      if (!lost) return;
      const there = before instanceof HTMLElement && before !== document.body && before.isConnected ? before : null;
      const again = heir === undefined ? null : document.getElementById(heir);
      (there ?? again ?? document.getElementById("main"))?.focus();
    },
    [before, heir],
  );
}

/** The same for a dialog, as one of its children: Radix gives the focus back to a trigger only, and ours are opened by keys and addresses too. */
export function FocusReturn(): null {
  useFocusReturn();
  return null;
}

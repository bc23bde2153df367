"use client";
import { useEffect, useState } from "react";

/** What takes the focus gives it back where it came from when it goes; to the page when that is gone too. */
export function useFocusReturn(): void {
  const [before] = useState(() => (typeof document === "undefined" ? null : document.activeElement));
  useEffect(
    () => () => {
      const lost = document.activeElement === null || document.activeElement === document.body;
      if (!lost) return;
      const to = before instanceof HTMLElement && before !== document.body && before.isConnected ? before : document.getElementById("main");
      to?.focus();
    },
    [before],
  );
}

/** The same for a dialog, as one of its children: Radix gives the focus back to a trigger only, and ours are opened by keys and addresses too. */
export function FocusReturn(): null {
  useFocusReturn();
  return null;
}

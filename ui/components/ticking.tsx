"use client";
/** Words that move with time alone: written into the page on its pulse, without drawing any component again. */
import { useLayoutEffect, useRef, useState } from "react";
import { onBeat } from "../live/beat.ts";

/** `read` gives the words of now. */
export function Ticking({ everyMs, read }: { readonly everyMs: number; readonly read: () => string }) {
  const element = useRef<HTMLSpanElement>(null);
  const [first] = useState(read);
  useLayoutEffect(() => {
    const write = (): void => {
      const words = element.current?.firstChild;
      const now = read();
      if (words && words.nodeValue !== now) words.nodeValue = now;
    };
    write();
    return onBeat(everyMs, write);
  }, [everyMs, read]);
  return (
    <span ref={element} suppressHydrationWarning>
      {first}
    </span>
  );
}

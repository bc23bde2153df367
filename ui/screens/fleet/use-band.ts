"use client";
/** Which part of a tall element is on the screen, so that only that part is drawn. */
import { useEffect, useState, type RefObject } from "react";

/** CSS pixels from the top of the element. */
export interface Band {
  readonly top: number;
  readonly bottom: number;
}

/** Drawn beyond the edges of the window, and the step in which the band moves. */
const MARGIN = 256;

/** Null until it is known. Moves in steps, so that scrolling within one draws nothing anew. */
export function useBand(element: RefObject<HTMLElement | null>, height: number): Band | null {
  const [band, setBand] = useState<Band | null>(null);
  useEffect(() => {
    let frame = 0;
    const look = (): void => {
      frame = 0;
      const box = element.current?.getBoundingClientRect();
      if (!box) return;
      const top = Math.max(0, Math.floor((-box.top - MARGIN) / MARGIN) * MARGIN);
      const bottom = Math.min(height, Math.ceil((window.innerHeight - box.top + MARGIN) / MARGIN) * MARGIN);
      setBand((before) => (before?.top === top && before.bottom === bottom ? before : { top, bottom: Math.max(top, bottom) }));
    };
    const soon = (): void => {
      frame ||= requestAnimationFrame(look);
    };
    look();
    document.addEventListener("scroll", soon, { capture: true, passive: true });
    window.addEventListener("resize", soon);
    const observer = new ResizeObserver(soon);
    observer.observe(document.body);
    return () => {
      cancelAnimationFrame(frame);
      document.removeEventListener("scroll", soon, { capture: true });
      window.removeEventListener("resize", soon);
      observer.disconnect();
    };
  }, [element, height]);
  return band;
}

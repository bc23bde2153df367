"use client";
import { useEffect, useState } from "react";

/** A pause in typing that means it is meant. */
const TYPED_MS = 300;

/** What is typed shows at once, and counts a moment later. What comes from elsewhere, as a link does, replaces it. */
export function useTyped(value: string, settle: (next: string) => void): readonly [string, (next: string) => void] {
  const [typed, setTyped] = useState<string | null>(null);
  useEffect(() => {
    if (typed === null) return undefined;
    const timer = setTimeout(() => {
      settle(typed);
      setTyped(null);
    }, TYPED_MS);
    return () => clearTimeout(timer);
  });
  return [typed ?? value, setTyped];
}

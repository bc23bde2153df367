"use client";
/** Whether somebody is about to go to another page: what that page needs can be there before it. */
import { useEffect, useState } from "react";

const LEAVES_MS = 3_000;
/** The first key of the ways to other pages, and the one that follows a link. */
const KEYS: readonly string[] = ["g", "Enter"];

/** True for a while after a link was pressed, or a key that may lead away. */
export function useLeaving(): boolean {
  const [leaving, setLeaving] = useState(false);
  useEffect(() => {
    let stays: ReturnType<typeof setTimeout> | undefined;
    const leave = (): void => {
      clearTimeout(stays);
      stays = setTimeout(() => setLeaving(false), LEAVES_MS);
      setLeaving(true);
    };
    const onPointer = ({ target }: PointerEvent): void => {
      if (target instanceof Element && target.closest("a[href]")) leave();
    };
    const onKey = ({ key }: KeyboardEvent): void => {
      if (KEYS.includes(key)) leave();
    };
    document.addEventListener("pointerdown", onPointer, true);
    document.addEventListener("keydown", onKey, true);
    return () => {
      clearTimeout(stays);
      document.removeEventListener("pointerdown", onPointer, true);
      document.removeEventListener("keydown", onKey, true);
    };
  }, []);
  return leaving;
}

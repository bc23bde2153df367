"use client";
/** What a screen on a wall needs of its browser. All of it may be refused; then the wall goes on without. */
import { useEffect, useState } from "react";

const STIRRED_MS = 4_000;

/** Keeps the screen from going dark; asked for again whenever the page is seen again, because hiding it ends the wish. */
export function useWakeLock(): void {
  useEffect(() => {
    const ask = (): void => {
      if (document.visibilityState === "visible" && "wakeLock" in navigator)
        void navigator.wakeLock.request("screen").catch(() => undefined);
    };
    ask();
    document.addEventListener("visibilitychange", ask);
    return () => document.removeEventListener("visibilitychange", ask);
  }, []);
}

/** True for some seconds after somebody moved the pointer, touched the screen or pressed Tab. */
export function useStirred(): boolean {
  const [stirred, setStirred] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stir = (): void => {
      setStirred(true);
      clearTimeout(timer);
      timer = setTimeout(() => setStirred(false), STIRRED_MS);
    };
    const kinds = ["pointermove", "pointerdown", "focusin"] as const;
    for (const kind of kinds) window.addEventListener(kind, stir);
    return () => {
      clearTimeout(timer);
      for (const kind of kinds) window.removeEventListener(kind, stir);
    };
  }, []);
  return stirred;
}

export function toggleFullScreen(): void {
  const done = document.fullscreenElement === null ? document.documentElement.requestFullscreen() : document.exitFullscreen();
  void done.catch(() => undefined);
}

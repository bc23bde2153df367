"use client";
import { useSyncExternalStore } from "react";

const KEY = "holdfast:browser-notices";
const listeners = new Set<() => void>();

/** `refused`: the person told the browser not to ask again. */
export type NoticeState = "on" | "off" | "refused" | "unsupported";

/** The browser is asked in another process: once, and again when the answer may have changed. */
let known: NoticeState | null = null;

function subscribe(listener: () => void): () => void {
  const lookAgain = (): void => {
    known = null;
    listener();
  };
  listeners.add(lookAgain);
  window.addEventListener("storage", lookAgain);
  document.addEventListener("visibilitychange", lookAgain);
  return () => {
    listeners.delete(lookAgain);
    window.removeEventListener("storage", lookAgain);
    document.removeEventListener("visibilitychange", lookAgain);
  };
}

const read = (): NoticeState => (known ??= ask());

function ask(): NoticeState {
  if (!("Notification" in window)) return "unsupported";
  if (Notification.permission === "denied") return "refused";
  try {
    return Notification.permission === "granted" && window.localStorage.getItem(KEY) === "on" ? "on" : "off";
  } catch {
    return "off";
  }
}

function keep(on: boolean): void {
  try {
    if (on) window.localStorage.setItem(KEY, "on");
    else window.localStorage.removeItem(KEY);
  } catch {
    // A browser that keeps nothing stays off.
  }
  for (const listener of listeners) listener();
}

/** Whether this browser tells of incidents. Asked of the person only in `turnOn`, which has to come from a press. */
export function useBrowserNotices(): { readonly state: NoticeState; readonly turnOn: () => Promise<void>; readonly turnOff: () => void } {
  const state = useSyncExternalStore(subscribe, read, () => "off" as const);
  return {
    state,
    turnOn: async () => keep((await Notification.requestPermission()) === "granted"),
    turnOff: () => keep(false),
  };
}

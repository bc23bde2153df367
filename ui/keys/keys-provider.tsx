"use client";
/** One listener for the whole console. Components say what an action does while they are there; the newest one there decides. */
import { createContext, useContext, useEffect, useEffectEvent, useState, type ReactNode } from "react";
import { bindings, type KeyAction } from "./key-map.ts";
import { KeyReader, type Stroke } from "./key-reader.ts";

/** Returns false to leave the key to the browser. */
export type KeyHandler = (event: KeyboardEvent) => boolean | undefined;

class KeyDesk {
  readonly #handlers = new Map<KeyAction, KeyHandler[]>();
  readonly #reader = new KeyReader(bindings);

  on(action: KeyAction, handler: KeyHandler): () => void {
    this.#handlers.set(action, [...(this.#handlers.get(action) ?? []), handler]);
    return () => {
      const left = (this.#handlers.get(action) ?? []).filter((other) => other !== handler);
      this.#handlers.set(action, left);
    };
  }

  press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    const read = this.#reader.read(strokeOf(event));
    if (read === null || read === "waiting") return;
    const handler = this.#handlers.get(read.action as KeyAction)?.at(-1);
    if (handler && handler(event) !== false) event.preventDefault();
  }
}

const TYPING = "input, textarea, select, [contenteditable=''], [contenteditable='true'], [role=textbox], [role=combobox]";
const OVERLAY = "[role=dialog], [role=alertdialog], [role=menu], [role=listbox]";

/** Keys belong to a field that is typed in, and to whatever lies above the page. */
export function isTaken(target: EventTarget | null): boolean {
  return (
    (target instanceof Element && target.closest(`${TYPING}, ${OVERLAY}`) !== null) ||
    document.querySelector("[role=dialog][data-state=open], [role=alertdialog][data-state=open], [role=menu][data-state=open]") !== null
  );
}

function strokeOf(event: KeyboardEvent): Stroke {
  return {
    key: event.key,
    mod: event.ctrlKey || event.metaKey,
    alt: event.altKey,
    repeat: event.repeat,
    taken: isTaken(event.target),
    at: event.timeStamp,
  };
}

const KeysContext = createContext<KeyDesk | null>(null);

export function KeysProvider({ children }: { readonly children: ReactNode }) {
  const [desk] = useState(() => new KeyDesk());
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => desk.press(event);
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [desk]);
  return <KeysContext value={desk}>{children}</KeysContext>;
}

/** Does `handler`, always the one of the last drawing, on the keys of the action while the component is there. */
export function useKey(action: KeyAction, handler: KeyHandler): void {
  const desk = useContext(KeysContext);
  const newest = useEffectEvent(handler);
  useEffect(() => desk?.on(action, (event) => newest(event)), [desk, action]);
}

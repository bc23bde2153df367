"use client";
import { useCallback, useMemo, useSyncExternalStore } from "react";
import { useMe } from "../api/queries.ts";
import { parseViews, withoutView, withView, type SavedView } from "./saved-views.ts";

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

export interface SavedViews {
  readonly views: readonly SavedView[];
  /** False when it could not be kept: there are too many, or the browser keeps nothing. */
  readonly save: (view: SavedView) => boolean;
  readonly forget: (name: string) => void;
}

/** The views of whoever is signed in; two people at one browser have each their own. */
export function useSavedViews(): SavedViews {
  const me = useMe().data;
  const key = `holdfast:views:${me?.email ?? me?.name ?? ""}`;
  const read = useCallback(() => {
    try {
      return window.localStorage.getItem(key);
    } catch {
      return null;
    }
  }, [key]);
  const text = useSyncExternalStore(subscribe, read, () => null);
  const views = useMemo(() => parseViews(text), [text]);
  const keep = (next: readonly SavedView[]): boolean => {
    try {
      window.localStorage.setItem(key, JSON.stringify(next));
    } catch {
      return false;
    }
    for (const listener of listeners) listener();
    return true;
  };
  return {
    views,
    save: (view) => {
      const next = withView(views, view);
      return next !== null && keep(next);
    },
    forget: (name) => void keep(withoutView(views, name)),
  };
}

"use client";
/** Reads and changes the appearance in the browser: the attributes of the root element are its state, the cookies its memory. */
import { useSyncExternalStore } from "react";
import { appearanceOf, resolveTheme, type Appearance, type Theme } from "./appearance.ts";

const YEAR_S = 31_536_000;
const listeners = new Set<() => void>();
const systemQueries = ["(prefers-contrast: more)", "(prefers-color-scheme: light)"];

function cookieOf(name: string): string | undefined {
  return document.cookie
    .split("; ")
    .find((part) => part.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

function remember(name: string, value: string): void {
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR_S}; samesite=lax`;
}

function shownNow(choice: Appearance["theme"]): Theme {
  const [moreContrast = false, light = false] = systemQueries.map((query) => window.matchMedia(query).matches);
  return resolveTheme(choice, { moreContrast, light });
}

let known: Appearance | null = null;

/** What is chosen now. The object stays the same until something changes. */
function read(): Appearance {
  return (known ??= appearanceOf(cookieOf));
}

function apply(): void {
  const { theme, density, motion } = read();
  const shown = shownNow(theme);
  const { dataset } = document.documentElement;
  dataset["theme"] = shown;
  dataset["density"] = density;
  dataset["motion"] = motion;
  if (cookieOf("theme-shown") !== shown) remember("theme-shown", shown);
  if (known?.shown !== shown) known = { ...read(), shown };
  for (const listener of listeners) listener();
}

export function changeAppearance(change: Partial<Omit<Appearance, "shown">>): void {
  for (const [name, value] of Object.entries(change)) remember(name, value);
  known = { ...read(), ...change };
  apply();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  const queries = systemQueries.map((query) => window.matchMedia(query));
  for (const query of queries) query.addEventListener("change", apply);
  return () => {
    listeners.delete(listener);
    for (const query of queries) query.removeEventListener("change", apply);
  };
}

const onServer: Appearance = { theme: "system", shown: "dark", density: "comfortable", motion: "system" };

export function useAppearance(): Appearance {
  return useSyncExternalStore(subscribe, read, () => onServer);
}

export { apply as applyAppearance };

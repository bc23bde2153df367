"use client";
import { Suspense, type ReactNode } from "react";
import { LivePage } from "../../frame/live-page.tsx";
import { useHydrated } from "../../live/use-hydrated.ts";

/** The wall stands on the same live state as the console, without its header. */
export function WallFrame({ children }: { readonly children: ReactNode }) {
  const hydrated = useHydrated();
  return <LivePage>{() => <Suspense>{hydrated ? children : null}</Suspense>}</LivePage>;
}

"use client";
import { useState } from "react";
import { steadyOrder, type SteadyOrder } from "./steady-order.ts";

/** The ranking to show now. Call it on every draw with server time. */
export function useSteadyOrder(ranked: readonly string[], now: number): readonly string[] {
  const [kept, keep] = useState<SteadyOrder | null>(null);
  const next = steadyOrder(kept, ranked, now);
  if (next !== kept) keep(next);
  return next.shown;
}

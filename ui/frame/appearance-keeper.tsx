"use client";
import { useEffect } from "react";
import { applyAppearance, useAppearance } from "./use-appearance.ts";

/** Makes the system's wishes real where nobody chose otherwise, on every page, and follows them. */
export function AppearanceKeeper() {
  useAppearance();
  useEffect(applyAppearance, []);
  return null;
}

"use client";
import { useEffect, useEffectEvent, useState } from "react";
import { useKey } from "../../keys/keys-provider.tsx";
import { rotate, shownView, startRotation, turn, type RotationRules, type WallView } from "./rotation.ts";

const LOOK_MS = 250;

export interface WallTurning {
  readonly view: WallView;
  readonly held: boolean;
  readonly turn: (by: 1 | -1) => void;
  readonly hold: () => void;
}

/** Turns the views by the clock and by the keys. */
export function useRotation(given: Omit<RotationRules, "held">): WallTurning {
  const [held, setHeld] = useState(false);
  const [now, setNow] = useState(() => performance.now());
  const [rotation, setRotation] = useState(() => startRotation(performance.now()));
  const rules = { ...given, held };
  const look = useEffectEvent(() => {
    const at = performance.now();
    setNow(at);
    setRotation(rotate(rotation, at, rules));
  });
  useEffect(() => {
    const timer = setInterval(() => look(), LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  const turnBy = (by: 1 | -1): void => {
    const at = performance.now();
    setNow(at);
    setRotation(turn(rotation, by, { now: at, rules }));
  };
  const hold = (): void => setHeld(!held);
  useKey("wall-next", () => (turnBy(1), true));
  useKey("wall-previous", () => (turnBy(-1), true));
  // The space bar presses a button that has the focus.
  useKey("pause", (event) => (event.target instanceof Element && event.target.closest("button, a") !== null ? false : (hold(), true)));
  return { view: shownView(rotation, now, rules), held, turn: turnBy, hold };
}

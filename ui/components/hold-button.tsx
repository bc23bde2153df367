"use client";
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

export const HOLD_MS = 900;

/**
 * Acts only after being held for 900 ms, by pointer or by Space or Enter; letting go cancels. One click, one tap or one key never acts.
 */
export function HoldButton({ children, refusal, onHeld }: { children: ReactNode; refusal?: string | undefined; onHeld: () => void }) {
  const [progress, setProgress] = useState(0);
  const frame = useRef(0);
  const held = useRef<number | null>(null);
  const refused = refusal !== undefined && refusal !== "";
  const refusedNow = useRef(refused);
  useEffect(() => {
    refusedNow.current = refused;
  });

  function step(): void {
    if (held.current === null) return;
    // A button that is refused while it is held hears nothing of letting go.
    if (refusedNow.current) {
      cancel();
      return;
    }
    const share = Math.min(1, (performance.now() - held.current) / HOLD_MS);
    setProgress(share);
    if (share < 1) {
      frame.current = requestAnimationFrame(step);
      return;
    }
    held.current = null;
    setProgress(0);
    onHeld();
  }

  function start(): void {
    if (refused || held.current !== null) return;
    held.current = performance.now();
    frame.current = requestAnimationFrame(step);
  }

  function cancel(): void {
    held.current = null;
    cancelAnimationFrame(frame.current);
    setProgress(0);
  }

  useEffect(() => () => cancelAnimationFrame(frame.current), []);

  const isHoldKey = (event: KeyboardEvent): boolean => event.key === " " || event.key === "Enter";
  return (
    <button
      type="button"
      className="hf-hold"
      disabled={refused}
      style={{ "--hold": `${progress * 100}%` } as Record<string, string>}
      onPointerDown={start}
      onPointerUp={cancel}
      onPointerLeave={cancel}
      onPointerCancel={cancel}
      onBlur={cancel}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (!isHoldKey(event)) return;
        event.preventDefault();
        if (!event.repeat) start();
      }}
      onKeyUp={(event) => (isHoldKey(event) ? cancel() : undefined)}
    >
      <span className="hf-hold-fill" aria-hidden />
      <span className="hf-hold-text">{children}</span>
      <span className="hf-hint">
        {refused
          ? refusal
          : progress > 0
            ? `Keep holding, ${((1 - progress) * (HOLD_MS / 1000)).toFixed(1)} s more. Let go to cancel.`
            : "Hold to confirm"}
      </span>
    </button>
  );
}

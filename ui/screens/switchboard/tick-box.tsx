import { useEffect, useRef } from "react";

interface TickBoxProps {
  readonly label: string;
  /** Null: some of what it stands for. */
  readonly ticked: boolean | null;
  readonly onTick: () => void;
}

/** A check box beside a row, with room for a finger. */
export function TickBox({ label, ticked, onTick }: TickBoxProps) {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current) box.current.indeterminate = ticked === null;
  }, [ticked]);
  return (
    <label className="pl-tick">
      <input ref={box} type="checkbox" checked={ticked === true} onChange={onTick} />
      <span className="hf-unseen">{label}</span>
    </label>
  );
}

/** Whether all of them are ticked; null for some. */
export function tickedOf(ids: readonly string[], ticked: readonly string[]): boolean | null {
  const count = ids.filter((id) => ticked.includes(id)).length;
  return count === 0 ? false : count === ids.length ? true : null;
}

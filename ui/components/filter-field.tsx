"use client";
import { Kbd } from "./kbd.tsx";

/** Narrows a list while typing. The slash key jumps to it: see the map of keys. */
export function FilterField({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  return (
    <label className="hf-filter">
      <input type="search" aria-label={label} placeholder="Filter" value={value} onChange={(event) => onChange(event.target.value)} />
      <Kbd>/</Kbd>
    </label>
  );
}

"use client";
import { ToggleGroup } from "radix-ui";
import type { ReactNode } from "react";

/** One choice of a few, always with one chosen (or none yet, when `value` is null). Arrow keys move. */
export function Segmented<V extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: V | null;
  options: readonly { readonly value: V; readonly label: ReactNode; readonly disabled?: boolean }[];
  onChange: (value: V) => void;
}) {
  return (
    <ToggleGroup.Root
      type="single"
      className="hf-segmented"
      aria-label={label}
      value={value ?? ""}
      onValueChange={(next) => {
        const chosen = options.find((option) => option.value === next);
        if (chosen) onChange(chosen.value);
      }}
    >
      {options.map((option) => (
        <ToggleGroup.Item key={option.value} value={option.value} disabled={option.disabled ?? false}>
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}

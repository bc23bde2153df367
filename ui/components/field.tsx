"use client";
import { useId, type InputHTMLAttributes, type ReactNode } from "react";

/** A labelled text input. The error, when there is one, says what to do. */
export function Field({
  label,
  hint,
  error,
  ...rest
}: Omit<InputHTMLAttributes<HTMLInputElement>, "id"> & { label: ReactNode; hint?: ReactNode; error?: string | undefined }) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className="hf-field" data-wrong={error !== undefined}>
      <label htmlFor={id}>{label}</label>
      <input id={id} {...rest} aria-invalid={error !== undefined} {...(note === undefined ? {} : { "aria-describedby": `${id}-note` })} />
      {note === undefined ? null : (
        <p id={`${id}-note`} className={error === undefined ? "hf-hint" : "hf-wrong"}>
          {note}
        </p>
      )}
    </div>
  );
}

import type { ButtonHTMLAttributes } from "react";

export type ButtonTone = "primary" | "default" | "quiet" | "danger";

/** A button. `refusal` disables it and says why, for pointer and screen reader alike. */
export function Button({
  tone = "default",
  refusal,
  className = "",
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { tone?: ButtonTone; refusal?: string | undefined }) {
  const refused = refusal !== undefined && refusal !== "";
  return (
    <button
      type="button"
      {...rest}
      className={`hf-button ${className}`}
      data-tone={tone}
      disabled={rest.disabled === true || refused}
      {...(refused ? { title: refusal, "aria-description": refusal } : {})}
    />
  );
}

import type { Severity } from "../../../protocol/incident-rule-api.ts";
import { SEVERITIES, SEVERITY_WORDS } from "./incident-words.ts";

/** Five steps, more of them filled the worse it is; the word stands beside it. Grey once it is over. */
export function SeverityMark({ severity, over = false }: { readonly severity: Severity; readonly over?: boolean }) {
  return (
    <span className="in-severity" data-severity={severity} data-over={over}>
      <svg width="16" height="14" viewBox="0 0 16 14" aria-hidden>
        {SEVERITIES.map((step) => (
          <rect
            key={step}
            x={(step - 1) * 3.2}
            y={11 - step * 2.2}
            width="2.4"
            height={3 + step * 2.2}
            rx="0.5"
            data-filled={step <= 6 - severity}
          />
        ))}
      </svg>
      <b>SEV{severity}</b> <span className="in-severity-word">{SEVERITY_WORDS[severity]}</span>
    </span>
  );
}

import { Check } from "lucide-react";
import { formatMs } from "../../charts/format.ts";
import { Glyph } from "../../components/glyph.tsx";
import type { ReceiptCell, ReceiptSummary } from "./receipt-summary.ts";

const WORD = { pending: "pending", sent: "sent, not answered", applied: "applied", refused: "refused", unknown: "unknown" } as const;

/** One cell an instance, grouped by service: outlined while pending, filled when applied. */
export function ReceiptCells({ summary }: { readonly summary: ReceiptSummary }) {
  return (
    <ul className="sw-cells">
      {summary.groups.map((group) => (
        <li key={group.service}>
          <p>
            <span data-refused={group.cells.some((cell) => cell.state === "refused")}>{group.service}</span>
            <span className="sw-note sw-mono">
              {group.applied === group.cells.length ? (
                <Check className="sw-check" size={12} strokeWidth={2.5} aria-label="all applied" />
              ) : null}{" "}
              {group.applied}/{group.cells.length}
            </span>
          </p>
          <div>
            {group.cells.map((cell) => (
              <Cell key={cell.key} cell={cell} />
            ))}
          </div>
        </li>
      ))}
    </ul>
  );
}

function Cell({ cell }: { readonly cell: ReceiptCell }) {
  const words = `${cell.name}: ${WORD[cell.state]}${cell.ms === null ? "" : ` in ${formatMs(cell.ms)}`}${cell.reason === null ? "" : `, ${cell.reason}`}`;
  return (
    <span className="sw-cell" data-state={cell.state} title={words} role="img" aria-label={words}>
      {cell.state === "refused" ? (
        <Glyph status="open" size={14} />
      ) : cell.state === "unknown" ? (
        <Glyph status="offline" size={14} />
      ) : null}
    </span>
  );
}

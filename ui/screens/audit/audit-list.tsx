"use client";
import type { AuditEntry } from "../../../protocol/audit-api.ts";
import { actionWords, actorWords, placeWords, sourceWords, targetWords, utcTime } from "./audit-words.ts";

export interface AuditListProps {
  readonly entries: readonly AuditEntry[];
  readonly onOpen: (seq: number) => void;
}

/** One line for each entry. The button opens it; the whole line is its target for a pointer. */
export function AuditList({ entries, onOpen }: AuditListProps) {
  return (
    <div className="au-box" role="region" aria-label="Audit log, newest first" tabIndex={0}>
      <table className="hf-table au-table">
        <caption className="hf-unseen">Audit log, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Time (UTC)</th>
            <th scope="col">Who</th>
            <th scope="col">Did what</th>
            <th scope="col">Where</th>
            <th scope="col">Why</th>
            <th scope="col">Outcome</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.seq} data-outcome={entry.outcome} onClick={() => onOpen(entry.seq)}>
              <td className="au-time">
                <button
                  type="button"
                  onClick={(event) => {
                    event.stopPropagation();
                    onOpen(entry.seq);
                  }}
                >
                  <time
                    dateTime={new Date(entry.at).toISOString()}
                    title={`${new Date(entry.at).toLocaleString()} here, entry ${String(entry.seq)}`}
                  >
                    {utcTime(entry.at).slice(0, 19)}
                  </time>
                  <span className="hf-unseen">, open entry {entry.seq}</span>
                </button>
              </td>
              <td className="au-who" title={`${entry.role ?? "no role"}, ${sourceWords(entry)}`}>
                {actorWords(entry)}
              </td>
              <td className="au-what" title={targetWords(entry)}>
                {actionWords(entry)} <b>{targetWords(entry)}</b>
              </td>
              <td className="au-where" title={placeWords(entry)}>
                {placeWords(entry)}
              </td>
              <td className="au-why" title={entry.reason ?? undefined}>
                {entry.reason}
              </td>
              <td className="au-outcome" title={outcomeWords(entry)}>
                <span>{outcomeWords(entry)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function outcomeWords({ outcome, code }: AuditEntry): string {
  return outcome === "done" ? "done" : `refused${code === null ? "" : `, ${code.replaceAll("_", " ")}`}`;
}

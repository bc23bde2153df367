"use client";

import { Check } from "lucide-react";
import { useState } from "react";
import type { FlipDetail } from "../../../protocol/api.ts";
import { useFlip } from "../../api/queries.ts";
import { ApplyTimes } from "../../charts/apply-times.tsx";
import { formatClock, formatMs } from "../../charts/format.ts";
import { Button } from "../../components/button.tsx";
import { Countdown } from "../../components/countdown.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { actorName } from "../events/sentence.ts";
import { CopyButton } from "./copy-button.tsx";
import { Effect } from "./effect.tsx";
import { ReceiptCells } from "./receipt-cells.tsx";
import { receiptSentence, receiptSummary, type ReceiptSummary } from "./receipt-summary.ts";
import { receiptText } from "./receipt-text.ts";
import { RevertForm } from "./revert-form.tsx";
import { scopeWords } from "./switch-state.ts";

export interface ReceiptProps {
  readonly flipId: string;
  readonly refusal: string | undefined;
  readonly onBack: () => void;
  readonly onClose: () => void;
}

/** What the agents said about a flip, as they say it. Green only when every targeted instance has applied it. */
export function Receipt({ flipId, refusal, onBack, onClose }: ReceiptProps) {
  const flip = useFlip(flipId);
  const [reverting, setReverting] = useState(false);
  if (flip.isPending) return <p className="sw-note">Sent. Waiting for the receipt…</p>;
  if (flip.data === undefined) {
    return (
      <div className="sw-part">
        <ErrorNote error={flip.error} />
        <Button onClick={onBack}>Back to the switch</Button>
      </div>
    );
  }
  const summary = receiptSummary(flip.data);
  return (
    <>
      <section className="sw-part" aria-label="Receipt">
        <ReceiptHead flip={flip.data} summary={summary} />
        <ReceiptCells summary={summary} />
        {summary.times === null ? null : <ApplyTimes times={summary.times.all} />}
        <Exceptions summary={summary} />
        {flip.isError ? (
          <p className="sw-warn">The console does not answer; this receipt is of {formatClock(flip.dataUpdatedAt)}.</p>
        ) : null}
      </section>
      <Effect flipId={flipId} />
      <section className="sw-part">
        <dl className="sw-facts">
          <dt>Reason</dt>
          <dd>{flip.data.reason}</dd>
          <dt>Sent</dt>
          <dd>
            <span className="sw-mono">{formatClock(flip.data.createdAt)}</span> as <b className="sw-mono">r{flip.data.revision}</b> by{" "}
            {actorName(flip.data.author)}, {scopeWords(flip.data.scope) ?? "whole fleet"}
          </dd>
          <dt>Expires</dt>
          <dd>
            <Expires flip={flip.data} />
          </dd>
        </dl>
      </section>
      <section className="sw-part">
        {reverting ? (
          <RevertForm flip={flip.data} refusal={refusal} onCancel={() => setReverting(false)} onDone={() => setReverting(false)} />
        ) : (
          <div className="sw-actions">
            {flip.data.status === "live" ? (
              <Button refusal={refusal} onClick={() => setReverting(true)}>
                Revert now
              </Button>
            ) : null}
            <CopyButton text={receiptText(flip.data)}>Copy receipt</CopyButton>
            <Button onClick={onBack}>Back to the switch</Button>
            <Button tone="quiet" onClick={onClose}>
              Done
            </Button>
          </div>
        )}
        {flip.data.status === "live" ? <p className="sw-note">Agents keep r{flip.data.revision} if the console goes away.</p> : null}
      </section>
    </>
  );
}

function ReceiptHead({ flip, summary }: { readonly flip: FlipDetail; readonly summary: ReceiptSummary }) {
  return (
    <div className="sw-receipt-head" data-complete={summary.complete}>
      <p className="sw-receipt-count">
        {summary.complete ? <Check className="sw-check" size={20} strokeWidth={2.5} aria-hidden="true" /> : null}
        <b>{summary.applied}</b>
        <span>/{summary.targeted}</span> applied
      </p>
      {summary.waiting > 0 ? <span className="sw-note">{summary.waiting} pending</span> : null}
      {summary.refused.length > 0 ? (
        <span className="sw-refused">
          <Glyph status="open" size={12} /> {summary.refused.length} refused
        </span>
      ) : null}
      {summary.unknown.length > 0 ? (
        <span className="sw-note">
          <Glyph status="offline" size={12} /> {summary.unknown.length} unknown
        </span>
      ) : null}
      {summary.times === null ? null : (
        <span className="sw-note sw-mono sw-push">
          p50 {formatMs(summary.times.p50)}, p99 {formatMs(summary.times.p99)}, last {formatMs(summary.times.last)}
        </span>
      )}
      {flip.status === "live" ? null : (
        <span className="sw-ended">
          {flip.status === "reverted" ? `reverted by ${actorName(flip.endedBy ?? "unknown")}` : "ended by itself"}
          {flip.endedAt === null ? "" : ` at ${formatClock(flip.endedAt)}`}
        </span>
      )}
      <span className="hf-unseen" role="status" aria-live="polite">
        {receiptSentence(summary)}
      </span>
    </div>
  );
}

/** Those that did not apply, each with its reason. */
function Exceptions({ summary }: { readonly summary: ReceiptSummary }) {
  if (summary.refused.length + summary.unknown.length === 0) return null;
  return (
    <ul className="sw-exceptions">
      {summary.refused.map((cell) => (
        <li key={cell.key}>
          <Glyph status="open" size={14} label="refused" />
          <b>{cell.name}</b>
          <span>{cell.reason ?? "refused without a reason"}</span>
        </li>
      ))}
      {summary.unknown.map((cell) => (
        <li key={cell.key}>
          <Glyph status="offline" size={14} label="unknown" />
          <b>{cell.name}</b>
          <span>
            {cell.reason ?? "not heard, gets it when it is back"}
            {cell.lastRevision === null ? "" : `; last held r${String(cell.lastRevision)}`}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Expires({ flip }: { readonly flip: FlipDetail }) {
  if (flip.status !== "live") return <>ended</>;
  if (flip.expiresAt === null) return <span className="sw-warn">never by itself</span>;
  return (
    <>
      <span className="sw-mono">{formatClock(flip.expiresAt)}</span>, in <Countdown at={flip.expiresAt} />, by the agents’ own clocks
    </>
  );
}

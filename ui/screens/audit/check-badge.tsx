"use client";
import { ShieldAlert, ShieldCheck } from "lucide-react";
import { formatNumber } from "../../charts/format.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { faultWords, utcTime } from "./audit-words.ts";
import { useCheck, type CheckState } from "./use-check.ts";

/** Whether the chain of hashes fits, checked on request; and what to do when it does not. */
export function CheckBadge({ canCheck }: { readonly canCheck: boolean }) {
  const { state, run, stop } = useCheck();
  return (
    <>
      <div className="au-check">
        <span role="status">
          <Saying state={state} />
        </span>
        {state.is === "running" ? <Button onClick={stop}>Stop</Button> : canCheck ? <Button onClick={run}>Verify</Button> : null}
      </div>
      {state.is === "done" && state.report.fault !== null ? (
        <div className="au-fault" role="alert">
          <strong>{faultWords(state.report.fault)}.</strong>
          <p>
            Everything before it fits; nothing from it on can be trusted. Keep the database as it is, compare it with a backup, and with a
            head of the log that was noted elsewhere.
          </p>
        </div>
      ) : null}
      {state.is === "failed" ? (
        <div className="au-fault">
          <ErrorNote error={state.error} />
        </div>
      ) : null}
    </>
  );
}

function Saying({ state }: { readonly state: CheckState }) {
  if (state.is === "running") return <span className="au-note">Verified up to entry {formatNumber(state.seq)}…</span>;
  if (state.is !== "done") return null;
  const { head, at, fault } = state.report;
  return (
    <span className="au-badge" data-broken={fault !== null} title={`Head ${String(head.seq)}: ${head.hash}`}>
      {fault === null ? <ShieldCheck size={14} aria-hidden /> : <ShieldAlert size={14} aria-hidden />}
      {fault === null ? "Verified" : "Fits only"} up to entry {formatNumber(head.seq)} at {utcTime(at).slice(11, 19)} UTC
    </span>
  );
}

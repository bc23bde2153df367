"use client";
import { useEffect, useRef, useState } from "react";
import type { AuditCheck } from "../../../protocol/audit-api.ts";
import { get, query } from "../../api/client.ts";
import { checkChain, readNoted, writeNoted, type ChainReport } from "./check-chain.ts";

/** The head as this browser saw it last. Kept here, out of reach of whoever changes the database. */
const NOTED = "holdfast-audit-head";

export type CheckState =
  | { readonly is: "idle" }
  | { readonly is: "running"; readonly seq: number }
  | { readonly is: "done"; readonly report: ChainReport }
  | { readonly is: "failed"; readonly error: unknown };

export function useCheck(): { readonly state: CheckState; readonly run: () => void; readonly stop: () => void } {
  const [state, setState] = useState<CheckState>({ is: "idle" });
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const run = (): void => {
    running.current?.abort();
    const control = new AbortController();
    running.current = control;
    setState({ is: "running", seq: 0 });
    const tell = (next: CheckState): void => (control.signal.aborted ? undefined : setState(next));
    checkChain({
      step: (after) =>
        get<AuditCheck>(`/audit/verify${query(after === null ? {} : { after: after.seq, hash: after.hash })}`, control.signal),
      noted: readNoted(localStorage.getItem(NOTED)),
      onProgress: (seq) => tell({ is: "running", seq }),
    }).then(
      (report) => {
        if (report.fault === null) localStorage.setItem(NOTED, writeNoted(report.head));
        tell({ is: "done", report });
      },
      (error: unknown) => tell({ is: "failed", error }),
    );
  };
  const stop = (): void => {
    running.current?.abort();
    setState({ is: "idle" });
  };
  return { state, run, stop };
}

"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { ReactNode } from "react";
import type { ChangeDetail } from "../../../protocol/api.ts";
import type { AuditEntry } from "../../../protocol/audit-api.ts";
import { get, query } from "../../api/client.ts";
import { Sheet } from "../../components/sheet.tsx";
import { ENVIRONMENT_PARAM } from "../../frame/links.ts";
import { actionWords, actorWords, sourceWords, targetWords, utcTime } from "./audit-words.ts";
import { differenceOf } from "./difference.ts";
import type { AuditFilter } from "./use-audit-filter.ts";

export interface AuditDrawerProps {
  readonly entry: AuditEntry;
  readonly onClose: () => void;
  /** Show only what shares this with the entry. */
  readonly onFilter: (filter: Partial<AuditFilter>) => void;
}

/** Everything an entry holds. */
export function AuditDrawer({ entry, onClose, onFilter }: AuditDrawerProps) {
  const { target, actor } = entry;
  return (
    <Sheet
      open
      onClose={onClose}
      title={
        <span>
          {actorWords(entry)} {actionWords(entry)} {targetWords(entry)}
        </span>
      }
      description={`Entry ${String(entry.seq)}, ${utcTime(entry.at)} UTC, ${new Date(entry.at).toLocaleString()} here`}
    >
      <div className="au-entry">
        <dl className="au-facts">
          <Fact name="Outcome">
            {entry.outcome === "done" ? "Done" : "Refused"}
            {entry.code === null ? null : <code> {entry.code}</code>}
          </Fact>
          <Fact name="Who" only={() => onFilter({ actor: actor.name })}>
            {actorWords(entry)}
            {entry.role === null ? null : `, ${entry.role}`}, {sourceWords(entry)}
          </Fact>
          <Fact name="Reason">{entry.reason}</Fact>
          <Fact name="Thing" only={target.thing === null ? undefined : () => onFilter({ target: target.thing })}>
            {target.thing}
          </Fact>
          <Fact name="Service" only={() => onFilter({ service: target.service })}>
            {target.service}
          </Fact>
          <Fact name="Environment" only={() => onFilter({ environment: target.environment })}>
            {target.environment}
          </Fact>
          <Fact name="Incident">
            {entry.incident === null ? null : (
              <Link href={inEnvironment(entry, `/incidents/${String(entry.incident)}`)}>#{entry.incident}</Link>
            )}
          </Fact>
        </dl>
        <Difference entry={entry} />
        {entry.flipId === null ? null : <Receipts id={entry.flipId} entry={entry} />}
        <dl className="au-facts au-proof">
          <Fact name="Address">{entry.address}</Fact>
          <Fact name="Request" only={() => onFilter({ request: entry.requestId })}>
            {entry.requestId === null ? null : <code>{entry.requestId}</code>}
          </Fact>
          <Fact name="Previous hash">
            <code>{entry.previous}</code>
          </Fact>
          <Fact name="Hash">
            <code>{entry.hash}</code>
          </Fact>
        </dl>
      </div>
    </Sheet>
  );
}

function Fact({ name, only, children }: { readonly name: string; readonly only?: (() => void) | undefined; readonly children: ReactNode }) {
  if (children === null || children === "") return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {children}
        {only === undefined ? null : (
          <button type="button" className="au-only" aria-label={`Only entries with this ${name.toLowerCase()}`} onClick={only}>
            only this
          </button>
        )}
      </dd>
    </>
  );
}

function Difference({ entry: { before, after } }: { readonly entry: AuditEntry }) {
  const lines = differenceOf(before, after);
  if (lines.length === 0) return null;
  return (
    <section aria-label="What changed" className="au-difference">
      <table>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ path, before: was, after: is, changed }) => (
            <tr key={path} data-changed={changed}>
              <th scope="row">{path}</th>
              <td>{was === null ? <span className="au-none">–</span> : changed ? <del>{was}</del> : was}</td>
              <td>{is === null ? <span className="au-none">–</span> : changed ? <ins>{is}</ins> : is}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A link that means what the entry means, whatever environment is looked at now. */
function inEnvironment({ target }: AuditEntry, path: string, parameters: Readonly<Record<string, string | null>> = {}): string {
  return path + query({ ...parameters, [ENVIRONMENT_PARAM]: target.environment });
}

/** What the agents answered: the audit log has who asked, receipts have what came of it. */
function Receipts({ id, entry }: { readonly id: string; readonly entry: AuditEntry }) {
  const change = useQuery({
    queryKey: ["change", id],
    queryFn: ({ signal }) => get<ChangeDetail>(`/changes/${encodeURIComponent(id)}`, signal),
  });
  const receipts = change.data?.receipts;
  const href = entry.action.startsWith("flip.") ? inEnvironment(entry, "/switchboard", { switch: entry.target.thing }) : null;
  return (
    <p className="au-receipts">
      {receipts === undefined
        ? change.isError
          ? "The receipts cannot be read."
          : "Reading the receipts…"
        : `Applied by ${String(receipts.applied)} of ${String(receipts.targeted)} instances${receipts.refused > 0 ? `, refused by ${String(receipts.refused)}` : ""}${receipts.unknown > 0 ? `, unknown of ${String(receipts.unknown)}` : ""}.`}{" "}
      {href === null ? null : <Link href={href}>The switch and its receipts</Link>}
    </p>
  );
}

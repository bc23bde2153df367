"use client";
import { Download } from "lucide-react";
import { parseAsInteger, useQueryState } from "nuqs";
import { query } from "../../api/client.ts";
import { useMe } from "../../api/queries.ts";
import { plural } from "../../charts/format.ts";
import { Button } from "../../components/button.tsx";
import { Empty } from "../../components/empty.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { useHydrated } from "../../live/use-hydrated.ts";
import { AuditDrawer } from "./audit-drawer.tsx";
import { AuditFilters } from "./audit-filters.tsx";
import { AuditList } from "./audit-list.tsx";
import { CheckBadge } from "./check-badge.tsx";
import { useAudit, useAuditEntry } from "./use-audit.ts";
import { useAuditFilter, type AuditFilter } from "./use-audit-filter.ts";
import "./audit.css";

/** Who did what, newest first: for administrators. */
export function AuditScreen() {
  const hydrated = useHydrated();
  const me = useMe();
  if (!hydrated || me.isPending) return <Frame note="Reading…" />;
  if (me.isError) return <ErrorNote error={me.error} />;
  return me.data.role === "admin" ? <AuditLog /> : <Refused role={me.data.role} />;
}

function Frame({ note }: { readonly note: string }) {
  return (
    <div className="au">
      <header className="au-head">
        <h1>Audit</h1>
      </header>
      <p className="au-note">{note}</p>
    </div>
  );
}

function Refused({ role }: { readonly role: string }) {
  return (
    <div className="au">
      <header className="au-head">
        <h1>Audit</h1>
      </header>
      <Empty title="The audit log is for administrators">
        <p>
          It holds addresses, and what people mistyped when they signed in. You are {role === "operator" ? "an operator" : "a viewer"}: what
          was changed in the fleet, by whom and why, is among the events. Ask an administrator for the rest.
        </p>
      </Empty>
    </div>
  );
}

function AuditLog() {
  const { filter, change, any, clear } = useAuditFilter();
  const [open, setOpen] = useQueryState("entry", parseAsInteger.withOptions({ history: "push" }));
  const log = useAudit(filter);
  const entries = log.data?.pages.flatMap((page) => page.items) ?? [];
  const { entry, error } = useAuditEntry(open, entries);
  const empty = log.data !== undefined && entries.length === 0;
  return (
    <div className="au">
      <header className="au-head">
        <h1>Audit</h1>
        <CheckBadge canCheck={!(empty && !any)} />
        <span className="hf-grow" />
        <Export filter={filter} format="csv" />
        <Export filter={filter} format="json" />
      </header>
      <AuditFilters filter={filter} change={change} any={any} clear={clear} />
      {log.isError ? <ErrorNote error={log.error} /> : null}
      {log.isPending ? <p className="au-note">Reading the audit log…</p> : null}
      {empty ? <Nothing filtered={any} /> : null}
      {entries.length === 0 ? null : (
        <>
          <AuditList entries={entries} onOpen={(seq) => void setOpen(seq)} />
          <p className="au-note au-end">
            {log.hasNextPage ? (
              <Button disabled={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
                {log.isFetchingNextPage ? "Reading older entries…" : "Older entries"}
              </Button>
            ) : (
              `That is all: ${plural(entries.length, "entry", "entries")}.`
            )}
          </p>
        </>
      )}
      {open !== null && entry === null ? <p className="au-note">There is no entry {open}.</p> : null}
      {open !== null && error !== null ? <ErrorNote error={error} /> : null}
      {entry && open !== null ? (
        <AuditDrawer
          entry={entry}
          onClose={() => void setOpen(null)}
          onFilter={(next) => {
            void setOpen(null);
            change(next);
          }}
        />
      ) : null}
    </div>
  );
}

/** A plain link: the browser writes it to disk as it comes. */
function Export({ filter, format }: { readonly filter: AuditFilter; readonly format: "csv" | "json" }) {
  return (
    <a className="hf-button" href={`/api/v1/audit/export${query({ ...filter, format })}`} download>
      <Download size={14} aria-hidden />
      {format.toUpperCase()}
    </a>
  );
}

function Nothing({ filtered }: { readonly filtered: boolean }) {
  return filtered ? (
    <Empty title="Nothing in the audit log is like this">
      <p>Widen the time, or choose “Show everything”.</p>
    </Empty>
  ) : (
    <Empty title="Nothing has been done yet">
      <p>
        Flips, settings, incidents, sign-ins and refusals, people and tokens: who did it, from where, why, and what it changed. Each entry
        holds the hash of the one before it, so that none can be changed unseen.
      </p>
    </Empty>
  );
}

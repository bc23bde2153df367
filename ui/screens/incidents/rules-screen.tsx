"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { parseAsString, useQueryState } from "nuqs";
import type { RuleAnswer } from "../../../protocol/incident-rule-api.ts";
import { actorName, lasting } from "../../../core/incidents/words.ts";
import { put, query, remove } from "../../api/client.ts";
import { Button } from "../../components/button.tsx";
import { Chip } from "../../components/chip.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { Sheet } from "../../components/sheet.tsx";
import { Table, type TableColumn } from "../../components/table.tsx";
import { useEnvironment } from "../../frame/environment.tsx";
import { IncidentsNav } from "./incidents-nav.tsx";
import { RuleEditor } from "./rule-editor.tsx";
import { NEW_RULE, ruleSentence } from "./rule-form.ts";
import { SeverityMark } from "./severity-mark.tsx";
import { useRefusal, useRules } from "./use-incidents.ts";
import "./incidents.css";

const FRESH = "new";

/** What opens incidents, after how long, and how patient each rule is. */
export function RulesScreen() {
  const { environment } = useEnvironment();
  const rules = useRules(environment);
  const refusal = useRefusal();
  const client = useQueryClient();
  const [open, setOpen] = useQueryState("rule", parseAsString.withOptions({ history: "push" }));
  const close = (): void => void setOpen(null);
  const again = (): Promise<void> => client.invalidateQueries({ queryKey: ["incident-rules"] });
  const turn = useMutation({
    mutationFn: ({ id, builtIn: _b, updatedAt: _a, updatedBy: _u, ...body }: RuleAnswer) =>
      put<RuleAnswer>(`/incident-rules/${id}${query({ environment })}`, { ...body, enabled: !body.enabled }),
    onSettled: again,
  });
  const drop = useMutation({
    mutationFn: (id: string) => remove(`/incident-rules/${id}${query({ environment })}`),
    onSuccess: close,
    onSettled: again,
  });
  const chosen = rules.data?.find(({ id }) => id === open);
  const columns: readonly TableColumn<RuleAnswer>[] = [
    {
      key: "title",
      title: "Rule",
      cell: (rule) => (
        <button type="button" className="in-link in-rule" onClick={() => void setOpen(rule.id)}>
          {rule.title}
        </button>
      ),
    },
    { key: "says", title: "Opens an incident when", cell: (rule) => <span className="in-says">{ruleSentence(rule)}</span> },
    { key: "severity", title: "Severity", cell: (rule) => <SeverityMark severity={rule.severity} over={!rule.enabled} /> },
    { key: "again", title: "Opens again within", figure: true, cell: (rule) => lasting(rule.reopenWindowMs) },
    { key: "group", title: "Groups within", figure: true, cell: (rule) => lasting(rule.groupWindowMs) },
    { key: "on", title: "In force", cell: (rule) => (rule.enabled ? <Chip status="closed">on</Chip> : <Chip>off</Chip>) },
    { key: "who", title: "Changed", cell: (rule) => <Changed rule={rule} /> },
    {
      key: "turn",
      title: <span className="hf-unseen">Acts</span>,
      cell: (rule) => (
        <Button refusal={refusal} disabled={turn.isPending} onClick={() => turn.mutate(rule)}>
          Turn {rule.enabled ? "off" : "on"}
          <span className="hf-unseen">: {rule.title}</span>
        </Button>
      ),
    },
  ];
  return (
    <div className="in">
      <header className="in-head">
        <h1>Rules</h1>
        <IncidentsNav on="rules" />
        <span className="hf-grow" />
        <Button tone="primary" refusal={refusal} onClick={() => void setOpen(FRESH)}>
          New rule
        </Button>
      </header>
      <Plainly />
      <ErrorNote error={rules.error ?? turn.error ?? drop.error} />
      {rules.isPending ? <p className="in-note">Reading the rules…</p> : null}
      {rules.data === undefined ? null : (
        <section className="in-part" aria-label="Rules">
          <Table label="Rules that open incidents" columns={columns} rows={rules.data} rowKey={({ id }) => id} />
        </section>
      )}
      <Sheet
        open={open === FRESH || chosen !== undefined}
        onClose={close}
        title={chosen?.title ?? "New rule"}
        description="Try it on what was before it is saved: nothing is opened by trying."
      >
        {open === FRESH || chosen !== undefined ? (
          <RuleEditor
            key={open}
            id={chosen?.id ?? null}
            rule={chosen ?? NEW_RULE}
            taken={rules.data?.map(({ id }) => id) ?? []}
            environment={environment}
            refusal={refusal}
            onClose={close}
          />
        ) : null}
        {chosen === undefined || chosen.updatedAt === null ? null : (
          <div className="in-drop">
            <Button tone="danger" refusal={refusal} disabled={drop.isPending} onClick={() => drop.mutate(chosen.id)}>
              {chosen.builtIn ? "Back to how it came" : "Delete this rule"}
            </Button>
            <span className="in-note">
              {chosen.builtIn ? "It comes with the console and cannot be deleted, only turned off." : "Incidents it opened stay."}
            </span>
          </div>
        )}
      </Sheet>
    </div>
  );
}

function Changed({ rule }: { readonly rule: RuleAnswer }) {
  if (rule.updatedAt === null) return <span className="in-note">as it came</span>;
  return (
    <span className="in-note">
      <RelativeTime at={rule.updatedAt} /> by {actorName(rule.updatedBy ?? "system")}
    </span>
  );
}

function Plainly() {
  return (
    <details className="in-plainly">
      <summary>How rules decide</summary>
      <dl>
        <div>
          <dt>Opens after</dt>
          <dd>Trouble that is shorter opens nothing. It may still show as the beginning of a longer one.</dd>
        </div>
        <div>
          <dt>Resolved after</dt>
          <dd>All must have been good for so long. A breaker that opens and closes meanwhile stays in one incident.</dd>
        </div>
        <div>
          <dt>Opens again within</dt>
          <dd>The same trouble this soon after the end is the same incident, reopened, with its notes and its number.</dd>
        </div>
        <div>
          <dt>Groups within</dt>
          <dd>Troubles along one path of calls, this close in time, are one incident: the first and what it pulled down.</dd>
        </div>
        <div>
          <dt>Given up after</dt>
          <dd>When nothing new was heard for so long, it counts as over, though nobody ever said so.</dd>
        </div>
      </dl>
    </details>
  );
}

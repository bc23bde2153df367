/** Incidents, as the rest of the server sees them. */
import { markdownOf } from "../../core/incidents/write-up-markdown.ts";
import { isOpen, type Incident } from "../../core/incidents/incident.ts";
import type { Accounting, Entry, IncidentAnswer, IncidentSummary, WriteUp } from "../../protocol/incident-api.ts";
import type { PolicyService } from "../policy/policy-service.ts";
import { findIncidentAt, listIncidentsAt } from "../replay/incidents-at.ts";
import type { IncidentQuery } from "../store/incident-store.ts";
import type { Page } from "../store/store.ts";
import { IncidentDesk } from "./incident-desk.ts";
import { IncidentEngine, type EngineOptions } from "./incident-engine.ts";
import { accountingOf, answerOf, summaryOf, writeUpFor } from "./incident-reports.ts";
import { NoteDesk } from "./note-desk.ts";
import { RuleBook } from "./rule-book.ts";
import { readTimeline, type TimelineQuery } from "./timeline-reader.ts";

export interface IncidentServiceOptions extends EngineOptions {
  readonly policy: { readonly receipts: Pick<PolicyService["receipts"], "counts"> };
}

export interface IncidentsThen extends Pick<IncidentService, "list" | "answer" | "timeline" | "writeUp"> {
  /** The incident, or the one it had been merged into by then. @throws ApiError incident_unknown, also when it was not known yet */
  find(id: string): Promise<Incident>;
}

export interface IncidentService {
  readonly desk: IncidentDesk;
  readonly notes: NoteDesk;
  readonly rules: RuleBook;
  list(query: IncidentQuery): Promise<Page<IncidentSummary>>;
  /** With its causes in order. */
  answer(incident: Incident): Promise<IncidentAnswer>;
  /** @throws InvalidCursor */
  timeline(incident: Incident, query: TimelineQuery): Promise<Page<Entry>>;
  writeUp(incident: Incident): Promise<WriteUp>;
  /** The same as they stood then; what came later is not told. */
  asOf(at: number): IncidentsThen;
  markdown(story: WriteUp): string;
  accounting(environment: string, window: { readonly from: number; readonly to: number }): Promise<Accounting>;
  /** Resolves when what was begun is written, or was given up. */
  settled(): Promise<void>;
  /** Ends following; what is being written is written. */
  stop(): Promise<void>;
}

/** Follows from the first moment; resolves when the rules are read. @throws when the store does not answer */
export async function createIncidentService(options: IncidentServiceOptions): Promise<IncidentService> {
  const { store, clock } = options;
  const engine = new IncidentEngine(options);
  const parts = { ...options, engine };
  const desk = new IncidentDesk(parts);
  await engine.start();
  return {
    desk,
    notes: new NoteDesk(parts, (id) => desk.find(id)),
    rules: new RuleBook(parts),
    async list(query) {
      const { items, nextCursor } = await store.listIncidents(query);
      const scopes = items.some(isOpen) ? (await store.listLiveFlips(query.environment)).map(({ scope }) => scope) : [];
      const facts = { now: clock.now(), scopes };
      return { items: items.map((incident) => summaryOf(incident, facts)), nextCursor };
    },
    answer: (incident) => answerOf(parts, incident),
    timeline: (incident, query) => readTimeline(parts, incident, query),
    writeUp: (incident) => writeUpFor(parts, incident),
    asOf(at) {
      const past = { ...parts, at, asOf: at, clock: { now: () => at } };
      return {
        find: (id) => findIncidentAt(past, id),
        async list(query) {
          const { items, nextCursor } = await listIncidentsAt(past, query);
          // Which changes of policy were live then is told by the policy as of then.
          return { items: items.map((incident) => summaryOf(incident, { now: at, scopes: [] })), nextCursor };
        },
        answer: (incident) => answerOf(past, incident),
        timeline: (incident, query) => readTimeline(past, incident, query),
        writeUp: (incident) => writeUpFor(past, incident),
      };
    },
    markdown: markdownOf,
    accounting: (environment, window) => accountingOf(parts, environment, window),
    settled: () => engine.settled(),
    stop: () => engine.stop(),
  };
}

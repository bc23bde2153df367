/** Incidents, as the rest of the server sees them. */
import { markdownOf } from "../../core/incidents/write-up-markdown.ts";
import type { Incident } from "../../core/incidents/incident.ts";
import type { Accounting, Entry, IncidentAnswer, IncidentSummary, WriteUp } from "../../protocol/incident-api.ts";
import type { PolicyService } from "../policy/policy-service.ts";
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
  markdown(story: WriteUp): string;
  accounting(environment: string, window: { readonly from: number; readonly to: number }): Promise<Accounting>;
  /** Resolves when what was begun is written, or was given up. */
  settled(): Promise<void>;
  /** Ends following; what is being written is written. */
  stop(): Promise<void>;
}

/** Follows from the first moment; resolves when what was is read. @throws when the store does not answer */
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
      return { items: items.map((incident) => summaryOf(incident, clock.now())), nextCursor };
    },
    answer: (incident) => answerOf(parts, incident),
    timeline: (incident, query) => readTimeline(parts, incident, query),
    writeUp: (incident) => writeUpFor(parts, incident),
    markdown: markdownOf,
    accounting: (environment, window) => accountingOf(parts, environment, window),
    settled: () => engine.settled(),
    stop: () => engine.stop(),
  };
}

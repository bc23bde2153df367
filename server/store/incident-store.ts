/** The part of the store that incidents stand on. */
import type { Incident } from "../../core/incidents/incident.ts";
import type { IncidentStatus } from "../../protocol/incident-api.ts";
import type { IncidentRule } from "../../protocol/incident-rule-api.ts";
import type { LoggedEventIn, NewEvent, Page } from "./basics.ts";

/** What a person added: a note, or changes to an event of the log (`eventId`). */
export interface IncidentEntry {
  readonly id: string;
  readonly incidentId: string;
  readonly at: number;
  readonly eventId: number | null;
  /** Null keeps the event's own words. */
  readonly title: string | null;
  readonly text: string;
  readonly pinned: boolean;
  readonly by: string;
  readonly createdAt: number;
  /** Of a note that was edited, or of the event: what it was before. */
  readonly original: { readonly at: number; readonly title: string; readonly editedBy: string; readonly editedAt: number } | null;
}

export interface StoredRule extends IncidentRule {
  readonly updatedAt: number;
  readonly updatedBy: string;
}

export interface IncidentQuery {
  readonly environment: string;
  /** Any of these; absent: all but merged ones, which only a number finds. */
  readonly statuses?: readonly IncidentStatus[] | undefined;
  readonly number?: number | undefined;
  /** This one or worse. */
  readonly severity?: number | undefined;
  /** Of those it is about, whatever the case of the letters. */
  readonly service?: string | undefined;
  /** Null: nobody has it. */
  readonly assignee?: string | null | undefined;
  /** Words that are all in its number, title, symptoms, services or assignee, whatever the case of the letters. */
  readonly text?: string | undefined;
  /** Began at this time or later. */
  readonly since?: number | undefined;
  /** Began at this time or earlier. */
  readonly until?: number | undefined;
  readonly cursor?: string | undefined;
  /** 1 to 500. */
  readonly limit: number;
}

export interface IncidentCommit {
  readonly incidents: readonly Incident[];
  readonly events: readonly LoggedEventIn[];
}

export interface IncidentStore {
  /**
   * One transaction: writes incidents, and events about them. An incident of version 0 is new and gets the next number of its environment,
   * which its events get as `number` (events name it by `incidentId`); another one must have the version that is stored. All come back with
   * a version one higher.
   * @throws RevisionConflict with the stored version, when it is another
   */
  commitIncidents(incidents: readonly Incident[], events: readonly NewEvent[]): Promise<IncidentCommit>;
  getIncident(id: string): Promise<Incident | null>;
  /** Latest beginning first. */
  listIncidents(query: IncidentQuery): Promise<Page<Incident>>;
  /** Open ones, and those changed at this time or later; oldest first. Merged ones are left out. */
  listRecentIncidents(environment: string, changedSince: number): Promise<readonly Incident[]>;
  /** One transaction: writes or replaces an entry, by id, or by the event it is about; and the event. */
  putIncidentEntry(entry: IncidentEntry, event: NewEvent): Promise<{ readonly entry: IncidentEntry; readonly event: LoggedEventIn }>;
  /** By time; at most 2,000. */
  listIncidentEntries(incidentId: string): Promise<readonly IncidentEntry[]>;
  listIncidentRules(environment: string): Promise<readonly StoredRule[]>;
  putIncidentRule(environment: string, rule: StoredRule, event: NewEvent): Promise<LoggedEventIn>;
  /** Null when there was none. */
  deleteIncidentRule(environment: string, id: string, event: NewEvent): Promise<LoggedEventIn | null>;
}

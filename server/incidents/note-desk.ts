/** Notes on a timeline, and how its events are told. */
import type { Incident } from "../../core/incidents/incident.ts";
import { entryOf, servicesOf } from "../../core/incidents/timeline.ts";
import type { EntryChange } from "../../protocol/incident-api.ts";
import { ApiError } from "../errors.ts";
import type { IncidentEntry } from "../store/incident-store.ts";
import type { DeskOptions } from "./desk-options.ts";
import { noteAudit } from "./incident-audit.ts";
import { incidentEvent } from "./incident-events.ts";

export class NoteDesk {
  readonly #options: DeskOptions;
  readonly #find: (id: string) => Promise<Incident>;

  constructor(options: DeskOptions, find: (id: string) => Promise<Incident>) {
    this.#options = options;
    this.#find = find;
  }

  /** @throws ApiError incident_unknown */
  async note(
    id: string,
    note: { readonly text: string; readonly at?: number | undefined; readonly pinned: boolean },
    actor: string,
  ): Promise<IncidentEntry> {
    const { clock, newId } = this.#options;
    const incident = await this.#find(id);
    const now = clock.now();
    return put(this.#options, incident, {
      type: "noted",
      actor,
      before: null,
      entry: {
        id: newId(),
        incidentId: incident.id,
        at: note.at ?? now,
        eventId: null,
        title: null,
        text: note.text,
        pinned: note.pinned,
        by: actor,
        createdAt: now,
        original: null,
      },
    });
  }

  /** Changes a note, or how an event is told; what it was before is kept. @throws ApiError incident_unknown, entry_unknown */
  async edit(id: string, key: string, change: EntryChange, actor: string): Promise<IncidentEntry> {
    const { store, clock, newId } = this.#options;
    const incident = await this.#find(id);
    const now = clock.now();
    const additions = await store.listIncidentEntries(incident.id);
    const eventId = /^e\d{1,15}$/.test(key) ? Number(key.slice(1)) : null;
    const known = additions.find((entry) => (eventId === null ? `n${entry.id}` === key : entry.eventId === eventId));
    const fresh = known || eventId === null ? null : await this.#ofEvent(incident, eventId, { id: newId(), actor, now });
    const rest = known ?? fresh?.entry;
    if (!rest) throw new ApiError("entry_unknown");
    const moves = (change.at !== undefined && change.at !== rest.at) || (change.title !== undefined && change.title !== rest.title);
    const before = { at: rest.at, title: fresh?.words ?? rest.title ?? "Note" };
    return put(this.#options, incident, {
      type: "edited",
      actor,
      before: fresh ? { ...rest, title: fresh.words } : rest,
      entry: {
        ...rest,
        at: change.at ?? rest.at,
        title: change.title ?? rest.title,
        text: change.text ?? rest.text,
        pinned: change.pinned ?? rest.pinned,
        original: moves ? { ...(rest.original ?? before), editedBy: actor, editedAt: now } : rest.original,
      },
    });
  }

  async #ofEvent(
    incident: Incident,
    eventId: number,
    { id, actor, now }: { readonly id: string; readonly actor: string; readonly now: number },
  ): Promise<{ readonly entry: IncidentEntry; readonly words: string } | null> {
    const { items } = await this.#options.store.listEvents({
      environment: incident.environment,
      afterId: Math.max(0, eventId - 1),
      limit: 1,
      order: "asc",
    });
    const event = items.find((candidate) => candidate.id === eventId);
    const entry = event && entryOf(event, incident, servicesOf(incident));
    if (!entry) return null;
    return {
      entry: {
        id,
        incidentId: incident.id,
        at: entry.at,
        eventId,
        title: null,
        text: "",
        pinned: false,
        by: actor,
        createdAt: now,
        original: null,
      },
      words: entry.title,
    };
  }
}

/** Notes of an incident that went into another go there, too. */
export async function moveNotes(options: DeskOptions, from: string, to: Incident, actor: string): Promise<void> {
  for (const entry of await options.store.listIncidentEntries(from))
    await put(options, to, { actor, type: "noted", entry: { ...entry, incidentId: to.id } });
}

interface Putting {
  readonly type: "noted" | "edited";
  readonly actor: string;
  readonly entry: IncidentEntry;
  /** What it was; absent when nobody wrote it, and it only goes along with a merge. */
  readonly before?: IncidentEntry | null;
}

async function put(
  { store, engine, clock }: Pick<DeskOptions, "store" | "engine" | "clock">,
  incident: Incident,
  { type, actor, entry, before }: Putting,
): Promise<IncidentEntry> {
  const data = { entry: entry.eventId === null ? `n${entry.id}` : `e${entry.eventId}` };
  const event = incidentEvent(incident, type, { at: clock.now(), actor, data });
  const told = before === undefined ? event : { ...event, audit: noteAudit(event, before, entry) };
  const done = await store.putIncidentEntry(entry, told);
  engine.told(done.event);
  return done.entry;
}

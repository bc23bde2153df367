import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { newIncident, type Incident } from "../../core/incidents/incident.ts";
import { BUILT_IN_RULES } from "../../core/incidents/rules.ts";
import type { IncidentEntry } from "../../server/store/incident-store.ts";
import { InvalidCursor, RevisionConflict, type Store } from "../../server/store/store.ts";
import { newEnvironment, newEvent, NOW, readAll } from "./samples.ts";

const incident = (environment: string, changes: Partial<Incident> = {}): Incident =>
  newIncident({
    id: randomUUID(),
    environment,
    title: "orders → payments: breaker open 🎈",
    severity: 3,
    startedAt: NOW,
    detectedAt: NOW + 10,
    detectedBy: "system",
    ...changes,
  });

const about = ({ id, environment }: Incident, type = "incident.opened") => newEvent(environment, { type, data: { incidentId: id } });

function entry(incidentId: string, changes: Partial<IncidentEntry> = {}): IncidentEntry {
  return {
    ...{ id: randomUUID(), incidentId, at: NOW, eventId: null, title: null, text: "customers reported this", pinned: false },
    ...{ by: "user:ada", createdAt: NOW + 5, original: null },
    ...changes,
  };
}

/** Incidents, entries and rules: what every store promises about them. */
export function incidentContract(store: () => Store): void {
  it("numbers new incidents within their environment and tells their events the number", async () => {
    const [environment, other] = [newEnvironment(), newEnvironment()];
    const fresh = [incident(environment), incident(environment)];
    const done = await store().commitIncidents(
      fresh,
      fresh.map((one) => about(one)),
    );
    expect(done.incidents).toEqual(fresh.map((one, index) => ({ ...one, number: index + 1, version: 1 })));
    expect(done.events.map(({ data }) => data)).toEqual(fresh.map(({ id }, index) => ({ incidentId: id, number: index + 1 })));
    expect((await store().commitIncidents([incident(other)], [])).incidents[0]?.number).toBe(1);
    const numbers = await Promise.all([1, 2, 3, 4].map(() => store().commitIncidents([incident(environment)], [])));
    expect(numbers.map(({ incidents }) => incidents[0]?.number).sort()).toEqual([3, 4, 5, 6]);
    expect(await store().getIncident(fresh[0]?.id ?? "")).toEqual(done.incidents[0]);
    expect(await store().getIncident("nothing")).toBeNull();
  });

  it("writes an incident only over the version that was read, and nothing at all otherwise", async () => {
    const environment = newEnvironment();
    const { incidents } = await store().commitIncidents([incident(environment), incident(environment)], []);
    const [first, second] = incidents as [Incident, Incident];
    const { incidents: after } = await store().commitIncidents([{ ...first, title: "changed" }], [about(first, "incident.changed")]);
    expect(after[0]).toMatchObject({ title: "changed", version: 2, number: first.number });
    const stale = store().commitIncidents(
      [
        { ...second, title: "lost" },
        { ...first, title: "stale" },
      ],
      [about(first, "incident.changed")],
    );
    await expect(stale).rejects.toEqual(new RevisionConflict(2));
    expect((await store().getIncident(second.id))?.title).toBe(second.title);
    expect((await store().listEvents({ environment, kind: "incident.", limit: 10 })).items).toHaveLength(1);
  });

  it("lists by status in pages, latest beginning first, merged ones only when asked for", async () => {
    const environment = newEnvironment();
    const starts = [5, 9, 9, 2, 7];
    const statuses = ["open", "resolved", "acknowledged", "merged", "open"] as const;
    await store().commitIncidents(
      starts.map((at, index) => incident(environment, { startedAt: NOW + at, status: statuses[index] ?? "open" })),
      [],
    );
    const list = async (query: object): Promise<number[]> =>
      (
        await readAll((cursor) => store().listIncidents({ environment, limit: 2, ...query, ...(cursor === undefined ? {} : { cursor }) }))
      ).map(({ number }) => number);
    expect(await list({})).toEqual([3, 2, 5, 1]);
    expect(await list({ statuses: ["open"] })).toEqual([5, 1]);
    expect(await list({ statuses: ["merged", "resolved"] })).toEqual([2, 4]);
    expect(await list({ until: NOW + 7 })).toEqual([5, 1]);
    await expect(store().listIncidents({ environment, limit: 2, cursor: "nonsense" })).rejects.toBeInstanceOf(InvalidCursor);
  });

  it("finds by number, severity, service, person, time and words, page by page", async () => {
    const environment = newEnvironment();
    const pool = { key: "p", ruleId: "r", on: "pool_saturated", service: "payments", target: null } as const;
    await store().commitIncidents(
      [
        incident(environment, { severity: 1, services: ["orders", "a_b"], title: "100 % of checkouts fail" }),
        incident(environment, { severity: 2, services: ["Orders"], assignee: "ada" }),
        incident(environment, { severity: 4, services: ["orders-2", "axb"], startedAt: NOW + 7 }),
        incident(environment, {
          status: "merged",
          services: ["orders"],
          symptoms: [{ ...pool, instances: [], spans: [], resource: { kind: "pool", name: "pay_db" } }],
        }),
      ],
      [],
    );
    const found = async (query: object): Promise<number[]> =>
      (
        await readAll((cursor) => store().listIncidents({ environment, limit: 1, ...query, ...(cursor === undefined ? {} : { cursor }) }))
      ).map(({ number }) => number);
    expect(await found({ number: 4 })).toEqual([4]);
    expect(await found({ number: 4, statuses: ["open"] })).toEqual([]);
    expect(await found({ severity: 2 })).toEqual([2, 1]);
    expect(await found({ service: "orders" })).toEqual([2, 1]);
    expect(await found({ service: "a_b" })).toEqual([1]);
    expect(await found({ assignee: "ada" })).toEqual([2]);
    expect(await found({ assignee: null })).toEqual([3, 1]);
    expect(await found({ since: NOW + 1 })).toEqual([3]);
    expect(await found({ text: "CHECKOUTS 100" })).toEqual([1]);
    expect(await found({ text: "10%k" })).toEqual([]);
    expect(await found({ text: "pool pay_db", statuses: ["merged"] })).toEqual([4]);
    expect(await found({ text: "pool pay-db", statuses: ["merged"] })).toEqual([]);
    expect(await found({ text: "#2 ada" })).toEqual([2]);
    const [first] = (await store().listIncidents({ environment, limit: 9, number: 1 })).items as [Incident];
    await store().commitIncidents([{ ...first, severity: 5, assignee: "grace", services: ["search"] }], []);
    expect([await found({ severity: 2 }), await found({ assignee: "grace", service: "search" })]).toEqual([[2], [1]]);
  });

  it("finds what is open, and what changed lately", async () => {
    const environment = newEnvironment();
    const old = { status: "resolved" as const, updatedAt: NOW - 100 };
    const all = [
      incident(environment, { updatedAt: NOW - 900 }),
      incident(environment, old),
      incident(environment, { ...old, updatedAt: NOW }),
    ];
    await store().commitIncidents([...all, incident(environment, { status: "merged" })], []);
    expect((await store().listRecentIncidents(environment, NOW)).map(({ number }) => number)).toEqual([1, 3]);
  });

  it("keeps notes, and one change for each event", async () => {
    const { incidents } = await store().commitIncidents([incident(newEnvironment())], []);
    const [home] = incidents as [Incident];
    const note = entry(home.id, { at: NOW + 2, text: "line\nline 🎈" });
    const pin = entry(home.id, { eventId: 77, pinned: true, at: NOW + 1 });
    const done = await store().putIncidentEntry(note, about(home, "incident.noted"));
    expect(done).toEqual({ entry: note, event: expect.objectContaining({ type: "incident.noted", id: expect.any(Number) }) });
    await store().putIncidentEntry(pin, about(home, "incident.edited"));
    const again = entry(home.id, {
      eventId: 77,
      title: "retold",
      at: NOW + 9,
      original: { at: NOW, title: "x", editedBy: "user:bo", editedAt: NOW },
    });
    expect((await store().putIncidentEntry(again, about(home, "incident.edited"))).entry).toEqual({ ...again, id: pin.id });
    expect(await store().listIncidentEntries(home.id)).toEqual([note, { ...again, id: pin.id }]);
  });

  it("keeps rules by environment, the last word winning", async () => {
    const environment = newEnvironment();
    const [builtIn] = BUILT_IN_RULES;
    if (!builtIn) throw new Error("there is one");
    const stored = { ...builtIn, updatedAt: NOW, updatedBy: "user:ada" };
    const event = newEvent(environment, { type: "incident_rule.set" });
    await store().putIncidentRule(environment, { ...stored, title: "before" }, event);
    expect((await store().putIncidentRule(environment, stored, event)).id).toEqual(expect.any(Number));
    expect(await store().listIncidentRules(environment)).toEqual([stored]);
    expect(await store().listIncidentRules(newEnvironment())).toEqual([]);
    expect(await store().deleteIncidentRule(environment, stored.id, event)).toMatchObject({ type: "incident_rule.set" });
    expect(await store().deleteIncidentRule(environment, stored.id, event)).toBeNull();
    expect(await store().listIncidentRules(environment)).toEqual([]);
  });
}

/** Incidents as they were told at moments of their life are what a replay shows of those moments. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { incidentPageSchema, incidentSchema, writeUpSchema } from "../../protocol/incident-api.ts";
import type { Json } from "../support/test-api.ts";
import { startConsole, type Console } from "../incidents/support.ts";

let console_: Console;
beforeEach(async () => {
  console_ = await startConsole();
});
afterEach(() => console_.stop());

const told = ({ title, status, severity, assignee, acknowledgedAt, mergedInto, phases, severities, symptoms }: Json) => ({
  ...{ title, status, severity, assignee, acknowledgedAt, mergedInto, severities },
  phases: phases.map(({ from }: Json) => from),
  symptoms: symptoms.map(({ key }: Json) => key),
});
const keysOf = ({ items }: Json) => items.map(({ key, title }: Json) => [key, title]);

/** Everything of an incident, at a moment or now. */
async function look(id: string, at?: number) {
  const asOf = at === undefined ? "" : `at=${at}`;
  const incident = await console_.get(`/incidents/${id}?${asOf}`);
  const timeline = await console_.get(`/incidents/${id}/timeline?noise=true&limit=200&${asOf}`);
  const listed = incidentPageSchema.parse(await console_.get(`/incidents?${asOf}`)).items;
  return {
    incident: told(incidentSchema.parse(incident)),
    timeline: keysOf(timeline),
    listed: listed.map(({ number, status, title, severity, assignee }) => ({ number, status, title, severity, assignee })),
  };
}

it("shows title, status, severity, assignee, symptoms and timeline as they were told then", async () => {
  const { happen, pass, send, clock } = console_;
  const before = clock.now();
  await happen("payments", "pool.saturated", { resource: { kind: "pool", name: "payments-db" } });
  await pass(45);
  const [opened] = await console_.list();
  const id = opened?.id ?? "";
  const moments: { readonly at: number; readonly live: Awaited<ReturnType<typeof look>> }[] = [];
  const note = async (): Promise<void> => {
    await pass(1);
    moments.push({ at: clock.now(), live: await look(id) });
    await pass(1);
  };
  const patch = (body: object) => send("PATCH", `/incidents/${id}`, body);
  await note();
  await patch({ assignee: "ada", title: "Payments cannot write" });
  await note();
  await patch({ severity: 1, status: "acknowledged" });
  await send("POST", `/incidents/${id}/notes`, { text: "Called the vendor" });
  await note();
  await happen("orders", "breaker.opened", { resource: { kind: "breaker", name: "payments" } });
  await pass(40);
  await note();
  await patch({ status: "resolved" });
  await note();
  await send("POST", `/incidents/${id}/reopen`, {});
  await note();
  await patch({ assignee: null, status: "resolved" });
  await patch({ review: { summary: "A pool was too small" } });
  await note();

  const { json: other } = await send("POST", "/incidents", { title: "Images are slow", severity: 4 });
  for (const { at, live } of moments) expect(await look(id, at), `after ${at - before} ms`).toEqual(live);
  const [first] = moments;
  expect((await console_.get(`/incidents/${id}?at=${before}`)).code).toBe("incident_unknown");
  expect((await console_.get(`/incidents/${other.id}?at=${first?.at}`)).code).toBe("incident_unknown");
  expect((await console_.get(`/incidents?at=${before}`)).items).toEqual([]);
  const early = writeUpSchema.parse(await console_.get(`/incidents/${id}/write-up?at=${first?.at}`));
  expect(early.timeline.every((entry) => entry.at <= (first?.at ?? 0))).toBe(true);
  const open = await console_.get(`/incidents?status=open,acknowledged&severity=1&at=${moments[3]?.at}`);
  expect(open.items).toMatchObject([{ id, status: "acknowledged", resolvedAt: null }]);
}, 30_000);

it("shows an incident for itself until it was merged into another", async () => {
  const { send, pass, clock } = console_;
  const made = async (title: string) => (await send("POST", "/incidents", { title, severity: 3 })).json;
  const [home, guest] = [await made("Slow"), await made("Slower")];
  await pass(1);
  const apart = clock.now();
  await pass(1);
  await send("POST", `/incidents/${guest.id}/merge`, { into: home.id });
  await pass(1);
  expect(await console_.get(`/incidents/${guest.id}?at=${apart}`)).toMatchObject({ title: "Slower", status: "open", mergedInto: null });
  expect((await console_.get(`/incidents?at=${apart}`)).items).toHaveLength(2);
  const { status, headers } = await fetch(`${console_.url}/api/v1/incidents/${guest.id}?at=${clock.now()}`, {
    headers: { authorization: `Bearer ${console_.operator}` },
    redirect: "manual",
  });
  expect([status, headers.get("location")]).toEqual([308, `/api/v1/incidents/${home.id}?at=${clock.now()}`]);
  expect((await console_.get(`/incidents?at=${clock.now()}`)).items).toMatchObject([{ id: home.id }]);
});

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { entryPageSchema, incidentPageSchema, incidentSchema, writeUpSchema } from "../../protocol/incident-api.ts";
import { rulePageSchema, tryAnswerSchema } from "../../protocol/incident-rule-api.ts";
import { BUILT_IN_RULES } from "../../core/incidents/rules.ts";
import type { EventQuery, Store } from "../../server/store/store.ts";
import type { Json } from "../support/test-api.ts";
import { startConsole, type Console } from "./support.ts";

const opened = (name: string) => ({ type: "breaker.opened", about: { resource: { kind: "breaker" as const, name } } });
const PATH = "/incidents";

let console_: Console;
beforeEach(async () => {
  console_ = await startConsole();
});
afterEach(() => console_.stop());

const open = (service: string, name: string) => console_.happen(service, opened(name).type, opened(name).about);
const close = (service: string, name: string) => console_.happen(service, "breaker.closed", opened(name).about);
const full = (service: string, name: string) => console_.happen(service, "pool.saturated", { resource: { kind: "pool", name } });

/** The database of payments is full, orders and then the storefront notice. */
async function cascade(): Promise<Json> {
  await full("payments", "payments-db");
  await console_.pass(4);
  await open("orders", "payments");
  await console_.pass(8);
  await open("storefront", "orders");
  await console_.pass(40);
  const [incident] = await console_.list();
  return console_.get(`${PATH}/${incident?.id}`);
}

describe("incidents that rules open", () => {
  it("make one of a cascade, say what was first and why, and end by themselves", async () => {
    const incident = incidentSchema.parse(await cascade());
    expect(await console_.list()).toHaveLength(1);
    expect(incident).toMatchObject({
      number: 1,
      status: "open",
      title: "payments: pool payments-db full, and 2 more",
      services: ["orders", "payments", "storefront"],
      suspects: [
        { title: "payments: pool payments-db full", confidence: "likely" },
        { title: "orders → payments: breaker open", confidence: "unlikely" },
        { title: "storefront → orders: breaker open", confidence: "unlikely" },
      ],
    });
    await console_.happen("payments", "pool.recovered", { resource: { kind: "pool", name: "payments-db" } });
    await close("orders", "payments");
    await close("storefront", "orders");
    await console_.pass(62);
    const over = incidentPageSchema.parse(await console_.get(PATH)).items;
    expect(over).toMatchObject([{ status: "resolved", resolvedBy: "system", reopened: 0, symptoms: 3 }]);
    const types = (await console_.get("/events?kind=incident.&limit=50")).items.map((event: Json) => event.type);
    expect(types).toEqual(["incident.resolved", "incident.opened"]);
  });

  it("are found by their filters, and say how many are affected, how badly, and what is switched meanwhile", async () => {
    await cascade();
    await console_.send("POST", PATH, { title: "Images are slow", severity: 5, services: ["images"], assignee: "ada" });
    const numbers = async (query: string): Promise<number[]> => (await console_.list(query)).map(({ number }) => number);
    expect(await numbers("?number=1")).toEqual([1]);
    expect(await numbers("?severity=3")).toEqual([1]);
    expect(await numbers("?service=images&assignee=ada")).toEqual([2]);
    expect(await numbers("?unassigned=true")).toEqual([1]);
    expect(await numbers("?text=storefront%20BREAKER")).toEqual([1]);
    const [one] = await console_.list("?text=%231%20payments-db");
    expect([one?.instances, one?.overrides, one?.strain.length, Math.max(...(one?.strain ?? []))]).toEqual([3, 0, 32, 3]);
    expect((await console_.call("GET", "/api/v1/incidents?severity=9", { as: console_.operator })).status).toBe(400);
  });

  it("tell the other rooms, and keep the samples around them", async () => {
    const incident = await cascade();
    const told = console_.messages.filter(({ type }) => type === "incident");
    expect(told[0]).toEqual({ type: "incident", environment: "production", id: incident.id, number: 1, status: "open" });
    expect(await console_.store.listPins("production")).toMatchObject([
      {
        id: `incident:${incident.id}`,
        instances: expect.arrayContaining(["orders/orders-1", "payments/payments-1"]),
        reason: "incident 1",
      },
    ]);
  });

  it("are the same after a restart, with what happened while the console was away", async () => {
    const before = await cascade();
    const { dataDir, clock } = console_;
    await console_.stop(true);
    clock.advance(5_000);
    console_ = await startConsole({ dataDir, clock });
    await close("orders", "payments");
    await console_.pass(3);
    const [after, ...others] = await console_.list();
    expect(others).toEqual([]);
    expect(after).toMatchObject({ id: before.id, status: "open" });
    const { symptoms } = await console_.get(`${PATH}/${before.id}`);
    expect(symptoms.map((symptom: Json) => symptom.spans[0].to === null)).toEqual([true, false, true]);
  });

  it("are not waited for by a start: until the past is read nothing is decided, then it is as if it had been known at once", async () => {
    const before = await cascade();
    const { dataDir, clock } = console_;
    await console_.stop(true);
    clock.advance(5_000);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    console_ = await startConsole({
      dataDir,
      clock,
      wrapStore: (store) =>
        new Proxy(store, {
          get(target, name: keyof Store) {
            const value: unknown = Reflect.get(target, name);
            if (typeof value !== "function") return value;
            return async (...args: unknown[]): Promise<unknown> => {
              if (name === "listEvents" && (args[0] as EventQuery).kind === "breaker.") await held;
              return Reflect.apply(value, target, args) as unknown;
            };
          },
        }),
    });
    await close("orders", "payments");
    console_.clock.advance(3_000);
    let noted = false;
    const note = console_.send("PATCH", `${PATH}/${before.id}`, { status: "acknowledged" }).then(({ status }) => ((noted = true), status));
    expect(await console_.list()).toMatchObject([{ id: before.id, status: "open" }]);
    expect(noted).toBe(false);
    release();
    expect(await note).toBe(200);
    await console_.pass(3);
    const { symptoms } = await console_.get(`${PATH}/${before.id}`);
    expect(symptoms.map((symptom: Json) => symptom.spans[0].to === null)).toEqual([true, false, true]);
    expect(await console_.list()).toHaveLength(1);
  });

  it("notice by the counters of the live fleet that a service sheds, and when it has stopped", async () => {
    const agent = { environment: "production", service: "search", instance: "search-1" };
    const arrival = { boot: "b1", version: null, labels: {}, agentVersion: "0.1.0", runtime: "node", clockSkewMs: 0, policyRevision: 0 };
    const link = console_.fleet.connect(agent, arrival);
    link.declared([{ id: 0, kind: "shedder", name: "admission" }], []);
    let shed = 0;
    const serve = async (seconds: number, perSecond: number) => {
      for (let i = 0; i < seconds; i++) {
        shed += perSecond;
        // Value + 1, in the slot of shedLow.
        link.sampled(console_.clock.now(), [1, shed + 1]);
        await console_.pass(1);
      }
    };
    await serve(30, 0);
    expect(await console_.list()).toEqual([]);
    await serve(45, 10);
    expect(await console_.list()).toMatchObject([{ title: "search sheds load", status: "open", services: ["search"] }]);
    await serve(90, 0);
    expect(await console_.list()).toMatchObject([{ status: "resolved", reopened: 0 }]);
  });

  it("are not doubled when a write is on disk though it seemed lost", async () => {
    await console_.stop();
    let lose = 1;
    console_ = await startConsole({
      wrapStore: (store) =>
        new Proxy(store, {
          get(target, name) {
            const own: unknown = Reflect.get(target, name);
            if (name !== "commitIncidents") return own;
            return async (...args: Parameters<typeof store.commitIncidents>) => {
              const done = await target.commitIncidents(...args);
              if (lose-- > 0) throw new Error("the connection broke after the commit");
              return done;
            };
          },
        }),
    });
    await open("orders", "payments");
    await console_.pass(30);
    expect(await console_.list()).toMatchObject([{ number: 1, status: "open" }]);
  });
});

describe("what people do with incidents", () => {
  it("opens one by hand, which stays open until a person says otherwise, and takes in what happens to its services", async () => {
    const made = await console_.send("POST", PATH, { title: "Customers cannot pay", severity: 1, services: ["orders"] });
    expect([made.status, made.headers.get("location")]).toEqual([201, `/api/v1/incidents/${made.json.id}`]);
    await open("orders", "payments");
    await console_.pass(15);
    await close("orders", "payments");
    await console_.pass(100);
    expect(await console_.list()).toMatchObject([{ id: made.json.id, status: "open", symptoms: 1, title: "Customers cannot pay" }]);
    const closed = await console_.send("PATCH", `${PATH}/${made.json.id}`, { status: "resolved" });
    expect(closed.json).toMatchObject({ status: "resolved", resolvedBy: "token:a operator" });
  });

  it("changes title, severity, assignee and status, and each is on the timeline with who did it", async () => {
    const { id, version } = await cascade();
    const changed = await console_.send("PATCH", `${PATH}/${id}`, {
      title: "Payments down",
      severity: 1,
      assignee: "ada",
      status: "acknowledged",
      expectedVersion: version,
    });
    expect(changed.json).toMatchObject({ title: "Payments down", severity: 1, assignee: "ada", status: "acknowledged" });
    const stale = await console_.send("PATCH", `${PATH}/${id}`, { title: "Too late", expectedVersion: version });
    expect([stale.status, stale.json.code, stale.json.conflict]).toEqual([409, "incident_conflict", { current: changed.json.version }]);
    await console_.pass(2);
    expect(await console_.get(`${PATH}/${id}`)).toMatchObject({ title: "Payments down", severity: 1, status: "acknowledged" });
    const { items } = await console_.get(`${PATH}/${id}/timeline?kind=incident`);
    expect(items.slice(-4).map(({ title, actor, source }: Json) => [title, actor, source])).toEqual([
      ["Incident 1: title changed", "token:a operator", "person"],
      ["Incident 1: severity 3 to 1", "token:a operator", "person"],
      ["Incident 1: assigned to ada", "token:a operator", "person"],
      ["Incident 1: acknowledged", "token:a operator", "person"],
    ]);
  });

  it("marks a cause, and the order follows", async () => {
    const { id, symptoms } = await cascade();
    const mark = (symptom: string, verdict: string) => console_.send("POST", `${PATH}/${id}/marks`, { symptom, verdict });
    const marked = await mark(symptoms[2].key, "cause");
    expect(marked.json.suspects[0]).toMatchObject({ key: symptoms[2].key, confidence: "stated", mark: { by: "token:a operator" } });
    expect((await mark(symptoms[2].key, "none")).json.suspects[0].key).toBe(symptoms[0].key);
    expect((await mark("nothing", "cause")).json.code).toBe("symptom_unknown");
  });

  it("splits and merges; old links lead to where it went", async () => {
    const { id, symptoms } = await cascade();
    const split = await console_.send("POST", `${PATH}/${id}/split`, { symptoms: [symptoms[2].key] });
    expect([split.status, split.json.symptoms.length, split.json.number]).toEqual([201, 1, 2]);
    await console_.pass(5);
    expect((await console_.list()).map(({ number, symptoms: count }) => [number, count])).toEqual([
      [2, 1],
      [1, 2],
    ]);
    await console_.send("POST", `${PATH}/${split.json.id}/notes`, { text: "was here" });
    const merged = await console_.send("POST", `${PATH}/${split.json.id}/merge`, { into: id });
    expect([merged.status, merged.json.id, merged.json.symptoms.length]).toEqual([200, id, 3]);
    await console_.pass(5);
    expect(await console_.list()).toMatchObject([{ id, symptoms: 3 }]);
    expect((await console_.list("?status=merged")).map((one) => one.mergedInto)).toEqual([id]);
    expect((await console_.list("?number=2")).map((one) => [one.number, one.mergedInto])).toEqual([[2, id]]);
    const link = await console_.call("GET", `/api/v1/incidents/${split.json.id}`, { as: console_.operator });
    expect([link.status, link.headers.get("location")]).toEqual([308, `/api/v1/incidents/${id}`]);
    const { items } = await console_.get(`${PATH}/${split.json.id}/timeline?kind=note`);
    expect(items.map(({ text }: Json) => text)).toEqual(["was here"]);
    const refused = await console_.send("PATCH", `${PATH}/${split.json.id}`, { title: "Gone" });
    expect([refused.status, refused.json.code, refused.json.conflict]).toEqual([409, "incident_merged", { into: id }]);
    expect((await console_.send("POST", `${PATH}/${id}/merge`, { into: id })).json.code).toBe("merge_invalid");
    const all = await console_.send("POST", `${PATH}/${id}/split`, { symptoms: symptoms.map(({ key }: Json) => key) });
    expect(all.json.code).toBe("symptom_unknown");
  });

  it("calls one over while it lasts, and opens it again", async () => {
    const { id } = await cascade();
    await console_.send("PATCH", `${PATH}/${id}`, { status: "resolved" });
    await console_.pass(10);
    expect(await console_.list()).toMatchObject([{ status: "resolved" }]);
    const again = await console_.send("POST", `${PATH}/${id}/reopen`, { reason: "it is not" });
    expect(again.json).toMatchObject({ status: "open", phases: [{}, { to: null }] });
    expect((await console_.get(`${PATH}/nothing`)).code).toBe("incident_unknown");
  });
});

describe("the timeline", () => {
  it("has what happened with who did it and what proves it, in order, without noise", async () => {
    const { id } = await cascade();
    await console_.happen("orders", "breaker.half_opened", { resource: { kind: "breaker", name: "payments" } });
    await console_.happen("search", "breaker.opened", { resource: { kind: "breaker", name: "catalog" } });
    await console_.happen("payments", "deploy", { data: { version: "1.2.0" } });
    const { items } = entryPageSchema.parse(await console_.get(`${PATH}/${id}/timeline`));
    expect(items.map(({ title, kind }) => [kind, title])).toEqual([
      ["pressure", "payments-1: pool payments-db full"],
      ["transition", "orders-1: breaker payments opened"],
      ["transition", "storefront-1: breaker orders opened"],
      ["incident", "Incident 1 opened: payments: pool payments-db full, and 2 more"],
      ["deploy", "payments-1: deployed 1.2.0"],
    ]);
    expect(items[0]).toMatchObject({
      source: "agent",
      actor: "agent",
      proof: { service: "payments", instance: "payments/payments-1", resource: "payments-db", columns: ["inUse", "waiting", "max"] },
    });
    const noisy = await console_.get(`${PATH}/${id}/timeline?noise=true`);
    expect(noisy.items.map(({ title }: Json) => title)).toContain("orders-1: breaker payments half-opened");
  });

  it("takes notes, pins and corrections, and keeps what was there before", async () => {
    const { id, startedAt } = await cascade();
    const note = await console_.send("POST", `${PATH}/${id}/notes`, { text: "customers\nreported this", at: startedAt - 5_000 });
    expect(note.status).toBe(201);
    const first = async () => (await console_.get(`${PATH}/${id}/timeline`)).items;
    expect((await first())[0]).toMatchObject({ kind: "note", text: "customers\nreported this", actor: "token:a operator" });
    const { key, at } = (await first())[1];
    const edit = await console_.send("PATCH", `${PATH}/${id}/entries/${key}`, {
      title: "The database filled up",
      at: at - 60_000,
      pinned: true,
    });
    expect([edit.status, edit.json.original]).toEqual([
      200,
      { at, title: "payments-1: pool payments-db full", editedBy: "token:a operator", editedAt: expect.any(Number) },
    ]);
    expect((await first())[0]).toMatchObject({ key, title: "The database filled up", at: at - 60_000, pinned: true, original: { at } });
    expect((await first()).filter((entry: Json) => entry.key === key)).toHaveLength(1);
    expect((await console_.get(`${PATH}/${id}/timeline?pinned=true`)).items).toHaveLength(1);
    expect((await console_.send("PATCH", `${PATH}/${id}/entries/e999999`, { pinned: true })).json.code).toBe("entry_unknown");
  });

  it("comes in pages that lose nothing and repeat nothing", async () => {
    const { id, startedAt } = await cascade();
    for (let i = 0; i < 7; i++) {
      await console_.happen("orders", "note", { data: { text: `step ${i}` } });
      await console_.send("POST", `${PATH}/${id}/notes`, { text: `said ${i}`, at: Number(startedAt) + i });
    }
    const whole = (await console_.get(`${PATH}/${id}/timeline?limit=500`)).items;
    const paged: Json[] = [];
    let cursor = "";
    do {
      const page = await console_.get(`${PATH}/${id}/timeline?limit=3${cursor}`);
      expect(page.items.length).toBeLessThanOrEqual(3);
      paged.push(...page.items);
      cursor = page.nextCursor === null ? "" : `&cursor=${encodeURIComponent(page.nextCursor)}`;
    } while (cursor !== "");
    expect(paged).toEqual(whole);
    expect((await console_.get(`${PATH}/${id}/timeline?cursor=bm9wZQ`)).code).toBe("cursor_invalid");
  });
});

describe("the write-up", () => {
  it("tells the story as JSON and as Markdown in which nothing anybody wrote is markup", async () => {
    const { id } = await cascade();
    await console_.send("POST", `${PATH}/${id}/notes`, { text: "<img onerror=alert(1)> | # `x`", pinned: true });
    await console_.send("PATCH", `${PATH}/${id}`, {
      status: "resolved",
      review: { lucky: ["it was noon"], actions: [{ text: "Add a replica", type: "prevent", owner: "ada" }] },
    });
    const story = writeUpSchema.parse(await console_.get(`${PATH}/${id}/write-up`));
    expect(story).toMatchObject({ number: 1, lucky: ["it was noon"], wentWell: [], severityMinutes: [{ severity: 3 }] });
    expect(story.trigger).toContain("payments: pool payments-db full");
    expect(story.charts[0]?.svg).toMatch(/^<svg /);
    const { text, headers } = await console_.call("GET", `/api/v1/incidents/${id}/write-up?format=markdown`, { as: console_.operator });
    expect(headers.get("content-type")).toContain("text/markdown");
    for (const title of [
      "Summary",
      "Severity",
      "Impact",
      "Detection",
      "Trigger",
      "Cascade",
      "Timeline",
      "Changes and reverts",
      "What went well",
      "Where we got lucky",
      "Actions",
    ])
      expect(text).toContain(`\n## ${title}\n`);
    expect(text).not.toContain("<img");
    expect(text).toContain("| Add a replica | prevent | ada |");
  });
});

describe("rules", () => {
  it("can be changed, tried on what was, and deleted", async () => {
    await cascade();
    const [builtIn] = BUILT_IN_RULES;
    const { id: ruleId, ...body } = builtIn!;
    const tried = async (changes: object) =>
      tryAnswerSchema.parse((await console_.send("POST", "/incident-rules/try", { rule: { ...body, ...changes } })).json);
    expect(await tried({})).toMatchObject({
      opened: 1,
      incidents: [{ symptoms: 2, services: ["orders", "storefront"], resolvedAt: null }],
    });
    expect(await tried({ groupWindowMs: 0, openDelayMs: 3_600_000 })).toMatchObject({ opened: 0 });
    expect(await tried({ service: "storefront" })).toMatchObject({ opened: 1, incidents: [{ symptoms: 1 }] });

    const put = await console_.send("PUT", `/incident-rules/${ruleId}`, { ...body, severity: 1 });
    expect(put.json).toMatchObject({ id: ruleId, severity: 1, builtIn: true, updatedBy: "token:a operator" });
    await console_.pass(2);
    expect(await console_.list()).toMatchObject([{ severity: 1 }]);
    await console_.send("PUT", "/incident-rules/orders-only", { ...body, service: "orders" });
    const { items } = rulePageSchema.parse(await console_.get("/incident-rules"));
    expect(items.map(({ id, builtIn: own }) => [id, own]).at(-1)).toEqual(["orders-only", false]);
    for (const id of [ruleId, "orders-only"]) expect((await console_.send("DELETE", `/incident-rules/${id}`)).status).toBe(200);
    expect(rulePageSchema.parse(await console_.get("/incident-rules")).items.map(({ severity }) => severity)).toEqual(
      BUILT_IN_RULES.map(({ severity }) => severity),
    );
    expect((await console_.send("DELETE", `/incident-rules/${ruleId}`)).json.code).toBe("rule_unknown");
    expect((await console_.send("PUT", "/incident-rules/x", { ...body, openDelayMs: -1 })).json.errors[0].path).toBe("openDelayMs");
  });
});

describe("accounting", () => {
  it("says how long each breaker was open, how often, and how steadily", async () => {
    for (let i = 0; i < 6; i++) {
      await open("orders", "payments");
      await console_.pass(20);
      await close("orders", "payments");
      await console_.pass(10);
    }
    const { breakers, incidents } = await console_.get("/accounting");
    expect(breakers).toEqual([
      expect.objectContaining({
        service: "orders",
        name: "payments",
        target: "payments",
        openMinutes: 2,
        openings: 6,
        flap: "flapping",
        longestOpenMs: 20_000,
      }),
    ]);
    expect(incidents).toMatchObject({ opened: 1, reopened: 0 });
    expect((await console_.get("/accounting?from=5&to=4")).code).toBe("window_invalid");
  });
});

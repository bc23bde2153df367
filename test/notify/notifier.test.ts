import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeliveryAnswer, NewSinkAnswer, SinkAnswer, SinkRequest } from "../../protocol/notify-api.ts";
import { NOTIFY_TOPICS } from "../../protocol/notify.ts";
import { createNotifier, NOTIFY_LEASE, type Notifier } from "../../server/notify/notifier.ts";
import { newIncident } from "../../core/incidents/incident.ts";
import { incidentEvent } from "../../server/incidents/incident-events.ts";
import type { NewEvent } from "../../server/store/store.ts";
import { turnedUntil } from "../support/fake-clock.ts";
import { startReceiver } from "../support/receiver.ts";
import { startTestApi, type TestApi } from "../support/test-api.ts";

const DAY = 86_400_000;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let api: TestApi;
let admin: string;
const others: Notifier[] = [];

beforeEach(async () => {
  receiver = await startReceiver();
  api = await startTestApi({ notifyHosts: [receiver.host] });
  admin = await api.token("admin");
});
afterEach(async () => {
  for (const other of others.splice(0)) await other.stop();
  await api.stop();
  await receiver.stop();
});

const everything = { topics: [...NOTIFY_TOPICS], severity: 5 as const, environments: [] };
async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await api.call(method, `/api/v1/${path}`, { as: admin, ...(body === undefined ? {} : { body }) });
  if (answer.status >= 300) throw new Error(answer.text);
  return answer.json as T;
}
const makeSink = (changes: Partial<SinkRequest> = {}): Promise<NewSinkAnswer> =>
  ask("POST", "notify-sinks", { name: "ops", kind: "generic", url: receiver.url, hears: everything, ...changes });
const sinkNow = async (): Promise<SinkAnswer> => (await ask<{ items: SinkAnswer[] }>("GET", "notify-sinks")).items[0]!;
const deliveries = async (): Promise<DeliveryAnswer[]> => (await ask<{ items: DeliveryAnswer[] }>("GET", "notify-deliveries")).items;
const switched = (position: string, environment = "production"): NewEvent => ({
  ...{ environment, at: api.clock.now(), receivedAt: api.clock.now(), type: "flip.created", service: null, instance: null, resource: null },
  ...{ actor: "user:ada", data: { switch: "images", position, scope: "everything", reason: "too slow" } },
});
/** Works until nothing is left to do for now. */
async function run(notifier: Notifier = api.notifier): Promise<void> {
  await turnedUntil(notifier.runner.runNow(), api.clock);
  await notifier.settled();
}

describe("a notification", () => {
  it("of an incident goes out signed, once, with what the incident is", async () => {
    const { secret } = await makeSink();
    const now = api.clock.now();
    const incident = newIncident({
      ...{ id: "i-1", environment: "production", title: "orders: breaker payments open", severity: 2, startedAt: now, detectedAt: now },
      ...{ detectedBy: "system", services: ["orders"] },
    });
    await api.store.commitIncidents([incident], [incidentEvent(incident, "opened", { at: now, actor: "system" })]);
    await run();
    await run();
    const [body, ...rest] = receiver.bodies();
    expect(rest).toEqual([]);
    expect(body).toMatchObject({
      ...{ type: "incident.opened", title: "SEV2 incident #1 opened: orders: breaker payments open", dropped: 0 },
      url: `${api.url}/incidents/1?env=production`,
      incident: { number: 1, severity: 2, services: ["orders"] },
    });
    const { headers } = receiver.received[0]!;
    expect(headers["holdfast-delivery"]).toBe(body?.["id"]);
    expect(headers["holdfast-signature"]).toMatch(/^t=\d+,v1=[0-9a-f]{64}$/);
    expect(secret).toMatch(/^hfw_/);
    expect(await deliveries()).toMatchObject([{ status: "delivered", code: 200, attempts: 1, answer: "ok", nextAt: null }]);
    expect(await sinkNow()).toMatchObject({ waiting: 0, failingSince: null, lastDeliveredAt: api.clock.now() });
  });

  it("is not sent of what was before its sink, nor of what the sink did not ask for", async () => {
    await api.store.appendEvents([switched("off")]);
    await makeSink({ hears: { topics: ["switch.flipped"], severity: 1, environments: ["production"] } });
    await api.store.appendEvents([
      switched("dim", "staging"),
      { ...switched("gone"), type: "agent.left", data: { reason: "lost" } },
      switched("on"),
    ]);
    await run();
    expect(receiver.bodies().map(({ details }) => details.position)).toEqual(["on"]);
  });

  it("comes in order and is tried again, under its id, until it arrives; what is behind it waits", async () => {
    await makeSink();
    receiver.answer(503, { "retry-after": "30" });
    await api.store.appendEvents([switched("one"), switched("two")]);
    await run();
    expect(receiver.received).toHaveLength(1);
    const failing = await sinkNow();
    expect(failing).toMatchObject({ waiting: 2, failures: 1, lastError: "answered 503", failingSince: api.clock.now() });
    const waiting = (await deliveries()).at(-1);
    expect(waiting).toMatchObject({ status: "waiting", code: 503, attempts: 1, nextAt: api.clock.now() + 30_000 });
    receiver.answer(200);
    await run();
    expect(receiver.received).toHaveLength(1);
    api.clock.advance(30_000);
    await run();
    const [first, again, last] = receiver.bodies();
    expect(again).toEqual(first);
    expect([again?.["details"].position, last?.["details"].position]).toEqual(["one", "two"]);
    expect(await sinkNow()).toMatchObject({ waiting: 0, failures: 0, failingSince: null, lastError: null });
  });

  it("that is refused for good does not hold up the next one", async () => {
    await makeSink();
    receiver.respond((response, { body }) => void response.writeHead(body.includes('"one"') ? 400 : 200).end("invalid_payload"));
    await api.store.appendEvents([switched("one"), switched("two")]);
    await run();
    expect((await deliveries()).map(({ status, code, attempts }) => [status, code, attempts])).toEqual([
      ["delivered", 200, 1],
      ["failed", 400, 1],
    ]);
  });

  it("survives the console that was to send it, and is sent once by the next one", async () => {
    await makeSink();
    await api.store.appendEvents([switched("one")]);
    receiver.answer(500);
    await run();
    receiver.answer(200);
    const other = second();
    await turnedUntil(other.runner.runNow(), api.clock);
    expect(other.runner.leading).toBe(false);
    await api.notifier.stop();
    api.clock.advance(300_000);
    await run(other);
    expect(receiver.bodies().map(({ id }) => id)).toEqual([expect.any(String), receiver.bodies()[0]?.["id"]]);
    await run(other);
    expect(receiver.received).toHaveLength(2);
  });

  it("whose sender lost its lease settles nothing", async () => {
    await makeSink();
    await api.store.appendEvents([switched("one")]);
    const reached = new Promise<() => void>((resolve) => receiver.respond((response) => resolve(() => void response.end())));
    await turnedUntil(api.notifier.runner.runNow(), api.clock);
    const answer = await reached;
    // Somebody else leads by now.
    const [lease] = (await api.store.listLeases()).filter(({ name }) => name === NOTIFY_LEASE);
    await api.store.releaseLease(lease!);
    await api.store.takeLease(NOTIFY_LEASE, "another", 60_000);
    answer();
    await api.notifier.settled();
    expect(await deliveries()).toMatchObject([{ status: "waiting", attempts: 0 }]);
  });
});

/** Another console at the same database. */
function second(): Notifier {
  const { store, clock, log, secret, url } = api;
  const made = createNotifier({
    store,
    clock,
    log,
    secret,
    hosts: [receiver.host],
    publicUrl: url,
    holder: "second",
    committed: () => undefined,
    chance: () => 1,
  });
  others.push(made);
  return made;
}

describe("a sink that does not answer", () => {
  it("is paused after a day, with an event and an entry; a test that arrives ends the pause, and old news is not sent", async () => {
    await makeSink({ hears: { ...everything, environments: ["production"] } });
    receiver.answer(502);
    await api.store.appendEvents([switched("one")]);
    await run();
    api.clock.advance(DAY);
    await api.store.appendEvents([switched("two")]);
    await run();
    expect(await sinkNow()).toMatchObject({ pausedAt: api.clock.now(), waiting: 1, lastError: "answered 502" });
    const told = await api.store.listEvents({ environment: "production", kind: "notify.", limit: 10 });
    expect(told.items).toMatchObject([{ type: "notify.paused", data: { sink: "ops", reason: "nothing arrived for a day" } }]);
    expect(api.messages.at(-1)).toMatchObject({ type: "events", events: [{ type: "notify.paused" }] });
    expect((await api.store.listAudit({ action: "notify_sink.paused", limit: 5 })).items).toMatchObject([
      { actor: { kind: "system" }, target: { thing: "ops" } },
    ]);
    const before = receiver.received.length;
    api.clock.advance(DAY - 1_000);
    await api.store.appendEvents([switched("three")]);
    await run();
    expect(receiver.received).toHaveLength(before);
    receiver.answer(200);
    api.clock.advance(2_000);
    const { id } = await sinkNow();
    expect(await ask<DeliveryAnswer>("POST", `notify-sinks/${id}/test`)).toMatchObject({ status: "delivered", code: 200, topic: "test" });
    await run();
    expect(
      receiver
        .bodies()
        .slice(before)
        .map(({ type, details }) => [type, details.position]),
    ).toEqual([
      ["test", undefined],
      ["switch.flipped", "three"],
    ]);
    expect((await deliveries()).find(({ status }) => status === "failed")?.error).toMatch(/502|its time was over/);
    expect(await sinkNow()).toMatchObject({ pausedAt: null, failingSince: null, waiting: 0 });
  });

  it("is paused at once when it says that it is gone, and resumed by switching it on", async () => {
    const { id } = await makeSink();
    receiver.answer(410);
    await api.store.appendEvents([switched("one"), switched("two")]);
    await run();
    expect(await sinkNow()).toMatchObject({ pausedAt: api.clock.now(), waiting: 1 });
    receiver.answer(200);
    await ask("PATCH", `notify-sinks/${id}`, { enabled: true });
    await run();
    expect(receiver.bodies().map(({ details }) => details.position)).toEqual(["one", "two"]);
  });

  it("keeps the newest when too many wait, counts what it drops, and says so in the next message", async () => {
    await api.notifier.stop();
    const { store, clock, log, secret, url } = api;
    const small = createNotifier({
      ...{
        store,
        clock,
        log,
        secret,
        hosts: [receiver.host],
        publicUrl: url,
        holder: "small",
        committed: () => undefined,
        chance: () => 1,
      },
      waitingMost: 2,
    });
    others.push(small);
    await makeSink();
    receiver.answer(500);
    await api.store.appendEvents([switched("one"), switched("two"), switched("three"), switched("four")]);
    await run(small);
    expect((await deliveries()).map(({ status }) => status)).toEqual(["waiting", "waiting", "dropped", "dropped"]);
    expect(await sinkNow()).toMatchObject({ dropped: 2, waiting: 2 });
    receiver.answer(200);
    clock.advance(5_000);
    await run(small);
    expect(
      receiver
        .bodies()
        .slice(1)
        .map(({ details, dropped }) => [details.position, dropped]),
    ).toEqual([
      ["three", 2],
      ["four", 0],
    ]);
  });

  it("gets a burst as ten messages and a roundup of the rest, when the minute is over", async () => {
    await makeSink();
    await api.store.appendEvents(Array.from({ length: 12 }, (_, index) => switched(`p${String(index)}`)));
    await run();
    expect(receiver.received).toHaveLength(10);
    api.clock.advance(30_000);
    await api.store.appendEvents(Array.from({ length: 30 }, () => switched("more")));
    await run();
    expect(receiver.received).toHaveLength(10);
    api.clock.advance(30_000);
    await run();
    expect(receiver.bodies().slice(10)).toMatchObject([{ type: "roundup", title: "32 things happened within a minute", more: 12 }]);
  });
});

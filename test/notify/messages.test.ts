import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newIncident } from "../../core/incidents/incident.ts";
import { NOTIFY_TOPICS } from "../../protocol/notify.ts";
import { bodyFor } from "../../server/notify/bodies.ts";
import { lostNews, newsOf, topicOf, type Message, type News } from "../../server/notify/message.ts";
import { hearsOf, plan, SINGLES_MOST, WINDOW_MS, type Windows } from "../../server/notify/plan.ts";
import { mayRetry, retryAfterOf, retryDelay } from "../../server/notify/retry.ts";
import { newSigningSecret, signature } from "../../server/notify/signature.ts";
import type { Sink } from "../../server/store/notify-store.ts";
import type { LoggedEventIn } from "../../server/store/store.ts";

const NOW = 1_772_356_364_000;
let ids = 0;
const event = (type: string, data: LoggedEventIn["data"] = {}, more: Partial<LoggedEventIn> = {}): LoggedEventIn => ({
  ...{
    id: ++ids,
    environment: "production",
    at: NOW,
    receivedAt: NOW,
    type,
    service: null,
    instance: null,
    resource: null,
    actor: "system",
    data,
  },
  ...more,
});
const incident = newIncident({
  ...{
    id: "i-1",
    environment: "production",
    title: "payments: pool full",
    severity: 2,
    startedAt: NOW,
    detectedAt: NOW,
    detectedBy: "system",
  },
  ...{ number: 214, services: ["orders", "payments"] },
});
const sink = (changes: Partial<Sink> = {}): Sink => ({
  ...{ id: "s-1", name: "ops", kind: "generic", enabled: true, url: "", origin: "https://x.example", secret: null },
  ...{ previousSecret: null, previousUntil: null, createdAt: NOW, createdBy: "user:ada", afterId: 0, failingSince: null, failures: 0 },
  ...{ lastError: null, lastDeliveredAt: null, pausedAt: null, dropped: 0, droppedUntold: 0 },
  hears: { topics: [...NOTIFY_TOPICS], severity: 5, environments: [] },
  ...changes,
});
const opened = (): News => newsOf(event("incident.opened", { incidentId: "i-1" }), "incident.opened", incident);

describe("what there is to hear of", () => {
  it("is incidents as they open, get worse, end and come back; switches, leases, forced breakers and lost agents", () => {
    const said: readonly (readonly [string, LoggedEventIn["data"]])[] = [
      ["incident.opened", {}],
      ["incident.changed", { what: "severity 3 to 2" }],
      ["incident.resolved", {}],
      ["incident.reopened", {}],
      ["flip.created", {}],
      ["flip.expired", {}],
      ["override.set", { policy: "breaker" }],
      ["agent.left", { reason: "lost" }],
    ];
    expect(said.map(([type, data]) => topicOf({ type, data }))).toEqual(NOTIFY_TOPICS);
    const silent: readonly (readonly [string, LoggedEventIn["data"]])[] = [
      ["incident.changed", { what: "severity 2 to 3" }],
      ["incident.changed", { what: "acknowledged" }],
      ["incident.grew", {}],
      ["override.set", { policy: "retry" }],
      ["agent.left", { reason: "goodbye" }],
      ["breaker.opened", {}],
      ["notify.paused", {}],
      ["constructor", {}],
    ];
    expect(silent.flatMap(([type, data]) => topicOf({ type, data }) ?? [])).toEqual([]);
  });

  it("is heard by sinks that asked for it, in their environments, and of incidents as bad as they asked for", () => {
    const hears = (changes: Partial<Sink["hears"]>): boolean =>
      hearsOf(sink({ hears: { topics: ["incident.opened"], severity: 2, environments: ["production"], ...changes } }), opened());
    expect(hears({})).toBe(true);
    expect(hears({ severity: 1 })).toBe(false);
    expect(hears({ topics: ["incident.resolved"] })).toBe(false);
    expect(hears({ environments: ["staging"] })).toBe(false);
    expect(hearsOf(sink({ afterId: 1_000_000 }), opened())).toBe(false);
    // Where nothing says how bad it is, it is not left out for that.
    const flip = newsOf(event("flip.created", { switch: "images", position: "off" }), "switch.flipped", null);
    expect(hearsOf(sink({ hears: { topics: ["switch.flipped"], severity: 1, environments: [] } }), flip)).toBe(true);
  });

  it("ends for whoever heard of its beginning: by being less bad at last, or merged into another", () => {
    const worse = { ...incident, severities: [{ at: NOW, severity: 1 as const, by: "system" }, ...incident.severities] };
    const ended = newsOf(event("incident.resolved"), "incident.resolved", worse);
    const merged = event("incident.merged", { into: "i-2" });
    expect([ended.severity, opened().severity, topicOf(merged)]).toEqual([1, 2, "incident.resolved"]);
    const { message } = newsOf(merged, "incident.resolved", { ...incident, status: "merged", mergedInto: "i-2" });
    expect(message.title).toBe("SEV2 incident #214 merged into another: payments: pool full");
  });

  it("is one message for the instances of a service that are lost together", () => {
    const lost = (service: string, instance: string) => event("agent.left", { reason: "lost" }, { service, instance });
    const [orders, images, ...rest] = lostNews([lost("orders", "o-1"), lost("images", "i-1"), lost("orders", "o-2")]);
    expect(rest).toEqual([]);
    expect(orders?.message).toMatchObject({ title: "2 instances of orders lost: o-1 and o-2", details: { lost: 2 } });
    expect(images?.message.title).toBe("1 instance of images lost: i-1");
  });
});

describe("a burst", () => {
  it("is told as ten messages and one roundup, and nothing of it is lost or told twice", () => {
    const steps = fc.array(fc.record({ wait: fc.nat(40_000), count: fc.nat(30) }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(steps, (happened) => {
        let [now, windows] = [NOW, {} as Windows];
        const outbox = new Map<string, { message: Message; createdAt: number; nextAt: number }>();
        let told = 0;
        for (const { wait, count } of happened) {
          now += wait;
          const news = Array.from({ length: count }, opened);
          told += count;
          const roundups = Object.fromEntries([...outbox].map(([id, { message }]) => [id, message]));
          const planned = plan({ news, sinks: [sink()], windows, roundups, now, newId: () => `d-${String(++ids)}` });
          for (const { id, message, createdAt, nextAt } of planned.created)
            outbox.set(id, { message: JSON.parse(message) as Message, createdAt, nextAt });
          for (const { id, message } of planned.grown) {
            // What may be on its way already must not change.
            expect(outbox.get(id)?.nextAt).toBeGreaterThan(now);
            outbox.set(id, { ...outbox.get(id)!, message: JSON.parse(message) as Message });
          }
          ({ windows } = planned);
        }
        const all = [...outbox.values()];
        const counted = all.reduce((sum, { message: { topic, items, more } }) => sum + (topic === "roundup" ? items.length + more : 1), 0);
        expect(counted).toBe(told);
        for (const { createdAt } of all) {
          const minute = all.filter((other) => other.createdAt >= createdAt && other.createdAt < createdAt + WINDOW_MS);
          expect(minute.length).toBeLessThanOrEqual(2 * (SINGLES_MOST + 1));
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("a message", () => {
  const telling = (message: Message, dropped = 0) => ({ deliveryId: "d-1", message, publicUrl: "https://holdfast.example.com", dropped });

  it("is versioned JSON with a link to the incident and to the moment", () => {
    const body = JSON.parse(bodyFor("generic", telling(opened().message, 3)));
    expect(body).toMatchObject({
      ...{ version: 1, id: "d-1", type: "incident.opened", environment: "production", at: "2026-03-01T09:12:44.000Z" },
      ...{ title: "SEV2 incident #214 opened: payments: pool full", text: "Services: orders and payments.", dropped: 3 },
      url: "https://holdfast.example.com/incidents/214?env=production",
      moment: "https://holdfast.example.com/?env=production&at=2026-03-01T09%3A12%3A44Z",
      incident: { number: 214, severity: 2, status: "open", services: ["orders", "payments"] },
    });
  });

  it("has every field that the document shows", () => {
    const [, example = ""] = /```json\n([\s\S]*?)```/.exec(document) ?? [];
    const shown = JSON.parse(example) as object;
    const sent = JSON.parse(bodyFor("generic", telling(opened().message))) as Record<string, object>;
    expect(Object.keys(shown)).toEqual(Object.keys(sent));
    expect(Object.keys((shown as typeof sent)["incident"]!).sort()).toEqual(Object.keys(sent["incident"]!).sort());
  });

  it("cannot mention, link or break out of Slack's text, whatever names say", () => {
    const hostile = "<!channel> <@U1> @here </b> & <https://evil.example|click>";
    const { message } = newsOf(event("incident.opened"), "incident.opened", {
      ...incident,
      title: hostile,
      services: [hostile],
      environment: hostile,
    });
    const roundup = {
      ...message,
      environment: hostile,
      items: [{ topic: "incident.opened", environment: hostile, at: NOW, title: `${hostile}|x`, path: "/incidents/1?env=a" } as const],
    };
    const { text, blocks } = JSON.parse(bodyFor("slack", telling(roundup)));
    const texts: string[] = [
      text,
      ...blocks.flatMap(
        (block: { text?: { text: string }; elements?: { text: string }[] }) =>
          block.text?.text ?? block.elements?.map((one) => one.text) ?? [],
      ),
    ];
    for (const one of texts) {
      // What is left of angle brackets are our own links.
      const rest = one.replaceAll(/<https:\/\/holdfast\.example\.com\/[^<>|]*\|[^<>|]*>/g, "");
      expect(rest).not.toMatch(/[<>]|@(?!\u200b)|&(?!amp;|lt;|gt;)/);
    }
    expect(texts.join()).toContain("&lt;!channel&gt;");
  });

  it("fits into Slack's limits, however much there is to say", () => {
    const long = "x".repeat(4_000);
    const items = Array.from({ length: 20 }, () => ({
      topic: "incident.opened" as const,
      environment: "e",
      at: NOW,
      title: long,
      path: "/",
    }));
    const { blocks } = JSON.parse(bodyFor("slack", telling({ ...opened().message, title: long, text: long, items, more: 4 })));
    expect(blocks.length).toBeLessThanOrEqual(50);
    for (const block of blocks) if (block.text) expect(block.text.text.length).toBeLessThanOrEqual(3_000);
  });
});

const document = readFileSync(new URL("../../docs/notifications.md", import.meta.url), "utf8");

describe("the signature", () => {
  it("is checked by the example of the document: fresh, unchanged, by the secret or the one before", async () => {
    const [, example = ""] = /```js\n([\s\S]*?)```/.exec(document) ?? [];
    const { isFromHoldfast } = (await import(`data:text/javascript,${encodeURIComponent(example)}`)) as {
      isFromHoldfast: (header: string, body: string, secret: string, now: number) => boolean;
    };
    const [secret, old] = [newSigningSecret(), newSigningSecret()];
    const body = '{"title":"ü"}';
    const header = signature(body, NOW, [secret, old]);
    expect(header).toBe(
      `t=1772356364,${[secret, old].map((key) => `v1=${createHmac("sha256", key).update(`1772356364.${body}`).digest("hex")}`).join()}`,
    );
    for (const key of [secret, old]) expect(isFromHoldfast(header, body, key, NOW + 60_000)).toBe(true);
    expect(isFromHoldfast(header, body, newSigningSecret(), NOW)).toBe(false);
    expect(isFromHoldfast(header, `${body} `, secret, NOW)).toBe(false);
    expect(isFromHoldfast(header, body, secret, NOW + 301_000)).toBe(false);
    expect(isFromHoldfast(header.replace("t=17", "t=18"), body, secret, NOW)).toBe(false);
    expect(isFromHoldfast("", body, secret, NOW)).toBe(false);
  });
});

describe("trying again", () => {
  it("waits longer each time, by chance, up to five minutes, and as long as the receiver asked for", () => {
    const none = { code: null, retryAfterMs: null };
    expect([1, 2, 3, 7, 99].map((failures) => retryDelay(failures, none, 1))).toEqual([5_000, 10_000, 20_000, 300_000, 300_000]);
    expect(retryDelay(5, none, 0)).toBe(1_000);
    expect(retryDelay(1, { code: 429, retryAfterMs: 900_000 }, 1)).toBe(900_000);
    expect([null, 500, 503, 429, 408].map((code) => mayRetry({ code, retryAfterMs: null }))).not.toContain(false);
    expect([400, 401, 403, 404, 410, 301].map((code) => mayRetry({ code, retryAfterMs: null }))).not.toContain(true);
  });

  it("reads Retry-After in seconds and as a date", () => {
    expect(retryAfterOf("120", NOW)).toBe(120_000);
    expect(retryAfterOf(new Date(NOW + 30_000).toUTCString(), NOW)).toBe(30_000);
    expect(["soon", "-5", "", undefined, new Date(NOW - 1_000).toUTCString()].map((text) => retryAfterOf(text, NOW))).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});

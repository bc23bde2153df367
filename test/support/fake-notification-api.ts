/** Invented answers for the page of notifications: sinks that work, fail and are paused, with what was sent to them. */
import type { DeliveryAnswer, SinkAnswer } from "../../protocol/notify-api.ts";
import { NOTIFY_TOPICS } from "../../protocol/notify.ts";

const MIN = 60_000;
const now = Date.now();
const incidents = NOTIFY_TOPICS.slice(0, 4);
const sink = (changes: Partial<SinkAnswer> & Pick<SinkAnswer, "id" | "name">): SinkAnswer => ({
  ...{
    kind: "slack",
    enabled: true,
    origin: "https://hooks.slack.com",
    previousUntil: null,
    createdAt: now - 900 * MIN,
    createdBy: "user:m.ito",
  },
  hears: { topics: [...incidents], severity: 3, environments: ["production"] },
  ...{
    refused: null,
    failingSince: null,
    failures: 0,
    lastError: null,
    lastDeliveredAt: now - 3 * MIN,
    pausedAt: null,
    waiting: 0,
    dropped: 0,
  },
  ...changes,
});
const sinks: SinkAnswer[] = [
  sink({ id: "n-1", name: "#ops" }),
  sink({
    ...{ id: "n-2", name: "on-call relay", kind: "generic", origin: "https://alerts.example.com:8443", waiting: 4, failures: 9 },
    ...{ failingSince: now - 22 * MIN, lastError: "answered 503", lastDeliveredAt: now - 25 * MIN, previousUntil: now + 600 * MIN },
    hears: { topics: [...NOTIFY_TOPICS], severity: 5, environments: [] },
  }),
  sink({
    ...{
      id: "n-3",
      name: "status page of a team with a long name",
      kind: "generic",
      origin: "https://status.example.com",
      waiting: 31,
      failures: 412,
    },
    ...{ failingSince: now - 1500 * MIN, lastError: "its certificate has expired", pausedAt: now - 60 * MIN, dropped: 12 },
    hears: { topics: ["incident.opened", "incident.resolved", "agents.lost"], severity: 2, environments: ["production", "staging"] },
  }),
  sink({ id: "n-4", name: "#test", enabled: false, lastDeliveredAt: null }),
];
const delivery = (index: number, changes: Partial<DeliveryAnswer>): DeliveryAnswer => ({
  ...{
    id: `d-${String(index)}`,
    sinkId: "n-1",
    topic: "incident.opened",
    title: "SEV2 incident #214 opened: payments: pool payments-db full",
  },
  ...{
    status: "delivered",
    createdAt: now - index * 3 * MIN,
    nextAt: null,
    attempts: 1,
    code: 200,
    answer: "ok",
    error: null,
    tookMs: 182,
  },
  ...{ settledAt: now - index * 3 * MIN },
  ...changes,
});
const deliveries: DeliveryAnswer[] = [
  delivery(1, {}),
  delivery(2, {
    sinkId: "n-2",
    status: "waiting",
    attempts: 9,
    code: 503,
    answer: "upstream connect error",
    error: "answered 503",
    nextAt: now + 2 * MIN,
  }),
  delivery(3, { topic: "roundup", title: "32 things happened within a minute" }),
  delivery(4, {
    sinkId: "n-3",
    status: "failed",
    attempts: 312,
    code: null,
    answer: null,
    error: "its certificate has expired",
    tookMs: 40,
  }),
  delivery(5, { sinkId: "n-3", status: "dropped", attempts: 0, code: null, answer: null, error: "too many waited", tookMs: null }),
  delivery(6, { topic: "test", title: "A test of #ops" }),
  delivery(7, { topic: "agents.lost", title: "12 instances of checkout lost: checkout-1, checkout-2, checkout-3, checkout-4 and 8 more" }),
  delivery(8, {
    status: "failed",
    code: 404,
    answer: "no_service",
    error: "answered 404",
    title: "SEV3 incident #213 resolved: images: breaker cdn open",
  }),
];

/** The answer to one request, or null when it is not about notifications. */
export function answerNotifications(
  method: string,
  path: string,
  { body, params }: { readonly body: Readonly<Record<string, unknown>>; readonly params: URLSearchParams },
): { status: number; body: unknown } | null {
  const [, list, id = "", act = ""] = path.split("/");
  if (list === "notify-settings")
    return { status: 200, body: { hosts: ["hooks.slack.com", "alerts.example.com:8443", "status.example.com"] } };
  if (list === "notify-deliveries") {
    if (method === "GET") {
      const wanted = params.get("sink");
      return { status: 200, body: { items: deliveries.filter(({ sinkId }) => wanted === null || sinkId === wanted), nextCursor: null } };
    }
    const found = deliveries.find((one) => one.id === id);
    return found ? { status: 200, body: Object.assign(found, { status: "waiting", attempts: 0, nextAt: Date.now() + MIN }) } : null;
  }
  if (list !== "notify-sinks") return null;
  if (method === "GET") return { status: 200, body: { items: sinks, nextCursor: null } };
  const found = sinks.find((one) => one.id === id);
  if (method === "POST" && id === "") {
    const made = sink({
      ...(body as Partial<SinkAnswer>),
      id: `n-${String(sinks.length + 1)}`,
      name: String(body["name"]),
      lastDeliveredAt: null,
    });
    sinks.push(made);
    return { status: 201, body: { ...made, secret: made.kind === "generic" ? "hfw_3kq9vX2mB7c1Yt0aZr5LpWn8QeJd4HsUoGfTiRyKxEA" : null } };
  }
  if (!found) return null;
  if (act === "test")
    return {
      status: 200,
      body: delivery(0, { id: `d-${String(Date.now())}`, sinkId: id, topic: "test", title: `A test of ${found.name}` }),
    };
  if (act === "rotate") return { status: 200, body: { ...found, secret: "hfw_3kq9vX2mB7c1Yt0aZr5LpWn8QeJd4HsUoGfTiRyKxEA" } };
  if (method === "DELETE") sinks.splice(sinks.indexOf(found), 1);
  return { status: 200, body: Object.assign(found, body) };
}

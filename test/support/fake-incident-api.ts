/** Invented answers for the pages of incidents: a cascade that is on, some that are over, rules and accounts. Acts change it in memory. */
import { BUILT_IN_RULES } from "../../core/incidents/rules.ts";
import { breakerAccounts, savedWords } from "../../core/incidents/accounting.ts";
import { cascadeOf } from "../../core/incidents/cause.ts";
import { ConditionLog } from "../../core/incidents/conditions.ts";
import { EMPTY_REVIEW, isOpen, newIncident, reopened, resolved, type Incident } from "../../core/incidents/incident.ts";
import { Paths } from "../../core/incidents/paths.ts";
import { searchText, searchWords } from "../../core/incidents/search.ts";
import { strainOf } from "../../core/incidents/strain.ts";
import { byPlace, edited, entryOf, noteOf, servicesOf, type Addition } from "../../core/incidents/timeline.ts";
import { markdownOf } from "../../core/incidents/write-up-markdown.ts";
import { writeUpOf } from "../../core/incidents/write-up.ts";
import type { SeriesAnswer } from "../../protocol/api.ts";
import type { Accounting, Edge, Entry, IncidentAnswer, IncidentSummary, Symptom } from "../../protocol/incident-api.ts";
import type { RuleAnswer, TryAnswer } from "../../protocol/incident-rule-api.ts";
import type { LoggedEvent } from "../../protocol/live.ts";

const MIN = 60_000;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;
const BEGAN = Date.now() - 6 * MIN;

export const FAKE_EDGES: readonly Edge[] = [
  { from: "storefront", to: "orders", through: "breaker orders" },
  { from: "storefront", to: "search", through: "breaker search" },
  { from: "orders", to: "payments", through: "breaker payments" },
  { from: "payments", to: "payments-db", through: "pool payments-db" },
];

interface Bad {
  readonly on?: Symptom["on"];
  readonly service: string;
  readonly resource?: Symptom["resource"];
  readonly target?: string;
  readonly from: number;
  readonly to?: number | null;
  readonly times?: number;
  readonly short?: boolean;
}

function symptomOf({ on = "breaker_open", service, resource = null, target, from, to = null, times = 1, short = false }: Bad): Symptom {
  return {
    key: JSON.stringify([on, service, resource?.name ?? null]),
    ruleId: on.replace("_", "-"),
    on,
    service,
    resource,
    target: target ?? null,
    instances: [`${service}-1`, `${service}-2`],
    spans: [{ from, to, openedAt: short ? null : from + 10_000, badMs: (to ?? from + 60_000) - from, lastFrom: from, times }],
  };
}

function incident(number: number, title: string, bads: readonly Bad[], more: Partial<Incident> = {}): Incident {
  const symptoms = bads.map(symptomOf);
  const startedAt = Math.min(...symptoms.map(({ spans }) => spans[0]?.from ?? BEGAN));
  return {
    ...newIncident({
      id: `incident-${String(number)}`,
      environment: "production",
      title,
      severity: 3,
      startedAt,
      detectedAt: startedAt + 14_000,
      detectedBy: "system",
    }),
    number,
    version: 1,
    symptoms,
    services: [...new Set(symptoms.map(({ service }) => service))].sort(),
    edges: [...FAKE_EDGES],
    ...more,
  };
}

const breaker = (service: string, target: string, from: number, more: Partial<Bad> = {}): Bad => ({
  service,
  target,
  resource: { kind: "breaker", name: target },
  from,
  ...more,
});

function past(number: number, title: string, ago: number, lasted: number, more: Partial<Incident> = {}): Incident {
  const at = Date.now() - ago;
  const open = incident(number, title, [breaker("orders", "payments", at, { to: at + lasted - MIN })], more);
  return resolved(open, at + lasted, "system");
}

const incidents: Incident[] = [
  incident(
    214,
    "payments: pool payments-db full, and 3 more",
    [
      {
        on: "pool_saturated",
        service: "payments",
        resource: { kind: "pool", name: "payments-db" },
        target: "payments-db",
        from: BEGAN,
        to: null,
      },
      breaker("orders", "payments", BEGAN + 79_000, { times: 3 }),
      breaker("storefront", "orders", BEGAN + 106_000, { times: 2 }),
      { on: "shed", service: "storefront", from: BEGAN + 118_000, to: BEGAN + 190_000 },
    ],
    {
      severity: 2,
      severities: [
        { at: BEGAN, severity: 3, by: "system" },
        { at: BEGAN + 100_000, severity: 2, by: "system" },
      ],
    },
  ),
  incident(213, "Images are slow for some customers", [], {
    manual: true,
    severity: 4,
    status: "acknowledged",
    assignee: "j.okafor",
    services: ["images"],
    startedAt: BEGAN - 40 * MIN,
    detectedBy: "user:j.okafor",
  }),
  past(212, "orders → payments: breaker open", 26 * HOUR, 22 * MIN, { severity: 2, assignee: "m.ito" }),
  past(211, "search burns its error budget", 3 * DAY, 48 * MIN, { severity: 2 }),
  past(210, "catalog: pool catalog-pg full", 5 * DAY, 4 * MIN),
  past(209, "checkout: instances lost", 12 * DAY, 3 * HOUR, { severity: 1, assignee: "a.novak" }),
];
incidents[4] = resolved(
  reopened(incidents[4] as Incident, (incidents[4]?.resolvedAt ?? 0) + 2 * MIN),
  (incidents[4]?.resolvedAt ?? 0) + 9 * MIN,
  "user:m.ito",
);
const merged: Incident = {
  ...past(208, "storefront → orders: breaker open", 26 * HOUR, 12 * MIN),
  status: "merged",
  mergedInto: "incident-212",
};

let eventId = 9_000;
const additions = new Map<string, Addition[]>();

function logged(type: string, seconds: number, about: Partial<LoggedEvent> = {}): LoggedEvent {
  const at = BEGAN + seconds * 1_000;
  return { id: eventId++, at, receivedAt: at, type, service: null, instance: null, resource: null, actor: "agent", data: {}, ...about };
}
const of = (service: string, nth: number, kind: "breaker" | "pool", name: string): Partial<LoggedEvent> => ({
  service,
  instance: `${service}-${String(nth)}`,
  resource: { kind, name },
});

const events: LoggedEvent[] = [
  logged("deploy", -80, { service: "payments", actor: "token:ci", data: { version: "4.12.0" } }),
  logged("pool.saturated", 0, { ...of("payments", 1, "pool", "payments-db"), data: { waiting: 38 } }),
  logged("pool.saturated", 3, { ...of("payments", 2, "pool", "payments-db"), data: { waiting: 12 } }),
  logged("incident.opened", 14, {
    actor: "system",
    data: { incidentId: "incident-214", number: 214, title: "payments: pool payments-db full", severity: 3 },
  }),
  ...[1, 2, 3].map((nth) =>
    logged("breaker.opened", 78 + nth, { ...of("orders", nth, "breaker", "payments"), data: { failurePermille: 640 + nth } }),
  ),
  ...[1, 2, 3, 1, 2, 3].map((nth, index) => logged("breaker.half_opened", 95 + index * 4, of("orders", nth, "breaker", "payments"))),
  ...[1, 2].map((nth) =>
    logged("breaker.opened", 105 + nth, { ...of("storefront", nth, "breaker", "orders"), data: { failurePermille: 512 } }),
  ),
  logged("incident.grew", 108, {
    actor: "system",
    data: { incidentId: "incident-214", number: 214, title: "payments: pool payments-db full, and 2 more" },
  }),
  logged("flip.created", 160, {
    actor: "user:m.ito",
    data: { flipId: "f-1", switch: "recommendations", position: "popular", scope: "everything", reason: "take load off orders" },
  }),
  logged("shed.stopped", 190, {
    service: "storefront",
    instance: "storefront-1",
    resource: { kind: "shedder", name: "admission" },
    data: { shed: 12_480 },
  }),
  logged("agent.left", 230, { service: "payments", instance: "payments-3", data: { reason: "lost" } }),
];
additions.set("incident-214", [
  {
    id: "note1",
    at: BEGAN + 240_000,
    eventId: null,
    title: null,
    text: "The provider's status page says EU is degraded.\nThey expect 20 minutes.",
    pinned: true,
    by: "user:j.okafor",
    createdAt: BEGAN + 252_000,
    original: { at: BEGAN + 252_000, title: "Note", editedBy: "user:j.okafor", editedAt: BEGAN + 260_000 },
  },
]);

function entriesOf(one: Incident): Entry[] {
  const services = servicesOf(one);
  const own = additions.get(one.id) ?? [];
  const told = events.flatMap((event) => {
    const entry = entryOf(event, one, services);
    if (entry === null || event.at < one.startedAt - 15 * MIN || event.at > (one.resolvedAt ?? Infinity) + 15 * MIN) return [];
    const change = own.find((addition) => addition.eventId === event.id);
    const receipts = event.type === "flip.created" ? { targeted: 40, applied: 37, refused: 2 } : null;
    return [{ ...(change ? edited(entry, change) : entry), receipts }];
  });
  return [...told, ...own.filter((addition) => addition.eventId === null).map(noteOf)].sort(byPlace);
}

const suspectsOf = ({ symptoms, edges, marks }: Incident) =>
  cascadeOf({ symptoms, edges, marks, changes: [{ at: BEGAN - 80_000, service: "payments", title: "payments: deployed 4.12.0" }] });

function answerOf(one: Incident): IncidentAnswer {
  const { titleBy: _t, severityBy: _s, claims: _c, marks: _m, ...shown } = one;
  return { ...shown, suspects: suspectsOf(one) };
}

function summaryOf(one: Incident): IncidentSummary {
  const { symptoms, edges: _e, review: _r, phases, severities: _v, suspects, ...shown } = answerOf(one);
  return {
    ...shown,
    cause: suspects[0]?.title ?? null,
    symptoms: symptoms.length,
    instances: new Set(symptoms.flatMap(({ service, instances }) => instances.map((instance) => `${service}/${instance}`))).size,
    strain: symptoms.length === 0 ? [] : strainOf(symptoms, { from: one.startedAt, to: one.resolvedAt ?? Date.now() }, 32),
    overrides: isOpen(one) && one.number === 214 ? 2 : 0,
    openMs: phases.reduce((sum, { from, to }) => sum + (to ?? Date.now()) - from, 0),
    reopened: Math.max(0, phases.length - 1),
  };
}

function seriesOf(one: Incident): SeriesAnswer {
  const [from, to] = [one.startedAt - 5 * MIN, one.resolvedAt ?? Date.now()];
  const stepMs = 10_000;
  const points = (value: (at: number) => number): SeriesAnswer["series"][number]["points"] =>
    Array.from({ length: Math.ceil((to - from) / stepMs) }, (_, index) => {
      const at = from + index * stepMs;
      return [at, value(at), value(at)];
    });
  const bad = (at: number): boolean => at > one.startedAt + 80_000;
  const line = (kind: "server" | "breaker" | "shedder", resource: string, column: string, value: (at: number) => number) => ({
    instance: "orders/orders-1",
    resource,
    kind,
    column,
    points: points(value),
  });
  return {
    from,
    to,
    stepMs,
    truncated: false,
    series: [
      line("server", "http", "requests", (at) => 180 + 20 * Math.sin(at / 40_000)),
      line("server", "http", "errors", (at) => (bad(at) ? 34 + 6 * Math.sin(at / 30_000) : 0.2)),
      line("breaker", "payments", "rejected", (at) => (bad(at) ? 42 : 0)),
      line("breaker", "payments", "fallbacks", (at) => (bad(at) ? 30 : 0)),
      line("breaker", "payments", "failures", (at) => (bad(at) ? 12 : 0)),
      line("shedder", "admission", "shedLow", (at) => (bad(at) ? 52 : 0)),
    ],
  };
}

function storyOf(one: Incident) {
  const series = [seriesOf(one)];
  return writeUpOf({
    incident: one,
    cascade: suspectsOf(one),
    entries: entriesOf(one).filter(({ noise, pinned }) => !noise || pinned),
    entriesTruncated: false,
    impact: {
      shed: { low: 12_480, medium: 310, high: 0, critical: 0 },
      shortCircuited: 10_840,
      fallbacks: 7_720,
      failures: 3_394,
      requests: 64_900,
      errors: 9_612,
      peakErrorPermille: 214,
      truncated: false,
    },
    series,
    now: Date.now(),
  });
}

const rules: RuleAnswer[] = BUILT_IN_RULES.map((rule) => ({ ...rule, builtIn: true, updatedAt: null, updatedBy: null }));
rules.push({
  ...(BUILT_IN_RULES[2] as RuleAnswer),
  id: "checkout-sheds",
  title: "Checkout sheds load",
  service: "checkout",
  severity: 1,
  trigger: { on: "shed", perSecond: 20 },
  builtIn: false,
  updatedAt: Date.now() - 4 * DAY,
  updatedBy: "user:a.novak",
});

function tried(): TryAnswer {
  const to = Date.now();
  const one = (ago: number, title: string, openMinutes: number): TryAnswer["incidents"][number] => ({
    startedAt: to - ago,
    detectedAt: to - ago + 10_000,
    resolvedAt: to - ago + openMinutes * MIN,
    title,
    severity: 3,
    services: ["orders", "payments"],
    symptoms: 2,
    reopened: 1,
    openMinutes,
  });
  const found = [one(5 * DAY, "orders → payments: breaker open", 12), one(26 * HOUR, "orders → payments: breaker open, and 1 more", 22)];
  return { from: to - 7 * DAY, to, incidents: found, opened: 2, openMinutes: 34, truncated: false };
}

function accounting(from: number, to: number): Accounting {
  const log = new ConditionLog();
  const open = (service: string, name: string, pairs: readonly (readonly [ago: number, lasted: number])[]): void => {
    for (const [ago, lasted] of pairs)
      for (const [type, at] of [
        ["breaker.opened", to - ago],
        ["breaker.closed", to - ago + lasted],
      ] as const)
        log.add({
          ...logged(type, 0, of(service, 1, "breaker", name)),
          at,
        });
  };
  open("orders", "payments", [
    [26 * HOUR, 20 * MIN],
    [5 * HOUR, 7 * MIN],
    [4.9 * HOUR, 3 * MIN],
    [4.8 * HOUR, 2 * MIN],
  ]);
  open("storefront", "orders", [[26 * HOUR, 12 * MIN]]);
  open(
    "search",
    "catalog",
    Array.from({ length: 14 }, (_, index) => [2 * HOUR - index * 3 * MIN, 40_000] as const),
  );
  const breakers = breakerAccounts(log.all(), { from, to }, new Paths(FAKE_EDGES)).map((account, index) => ({
    ...account,
    shortCircuited: 41_200 - index * 12_000,
    fallbacks: 30_100 - index * 10_000,
  }));
  const shed = [
    { service: "storefront", low: 182_400, medium: 2_310, high: 0, critical: 0 },
    { service: "checkout", low: 1_240, medium: 0, high: 0, critical: 0 },
  ];
  return {
    from,
    to,
    breakers,
    shed,
    incidents: { opened: 4, reopened: 1, openMinutes: 87 },
    saved: savedWords({ shortCircuited: 87_600, fallbacks: 60_300, shed: { low: 183_640, medium: 2_310, high: 0, critical: 0 } }),
    truncated: false,
  };
}

export interface FakeAnswer {
  readonly status: number;
  readonly body: unknown;
  /** Instead of JSON. */
  readonly markdown?: string;
}

const ok = (body: unknown, status = 200): FakeAnswer => ({ status, body });
const unknown: FakeAnswer = ok(
  {
    type: "about:blank",
    title: "No such incident",
    status: 404,
    code: "incident_unknown",
    detail: "GET /api/v1/incidents lists them.",
    retryable: false,
    requestId: "req-2",
  },
  404,
);

function changed(one: Incident, body: Readonly<Record<string, unknown>>): Incident {
  const { expectedVersion: _v, review, status, ...rest } = body;
  const now = Date.now();
  let next = { ...one, ...rest, version: one.version + 1 };
  if (review !== undefined) next = { ...next, review: { ...EMPTY_REVIEW, ...next.review, ...(review as object) } };
  if (status === "resolved") next = resolved(next, now, "user:m.ito");
  else if (status !== undefined) next = { ...(isOpen(next) ? next : reopened(next, now)), status: status as Incident["status"] };
  return next;
}

/** The filters of the list. */
function sought(one: Incident, search: URLSearchParams): boolean {
  const number = search.get("number");
  if (number !== null) return one.number === Number(number);
  const [service, assignee] = [search.get("service"), search.get("assignee")];
  const words = searchText(one);
  return (
    (search.has("status") || one.status !== "merged") &&
    one.severity <= Number(search.get("severity") ?? 5) &&
    (service === null || one.services.includes(service)) &&
    (assignee === null || one.assignee === assignee) &&
    (search.get("unassigned") !== "true" || one.assignee === null) &&
    one.startedAt >= Number(search.get("since") ?? 0) &&
    searchWords(search.get("text") ?? "").every((word) => words.includes(word))
  );
}

/** The answer to one request, or null when it is not about incidents. */
export function answerIncidents(
  method: string,
  path: string,
  { search, body }: { readonly search: URLSearchParams; readonly body: Readonly<Record<string, unknown>> },
): FakeAnswer | null {
  const [room, id, what, key] = path.split("/").slice(1).map(decodeURIComponent);
  if (room === "accounting") return ok(accounting(Number(search.get("from")), Number(search.get("to"))));
  if (room === "incident-rules") {
    if (method === "GET") return ok({ items: rules, nextCursor: null });
    if (id === "try") return ok(tried());
    const at = rules.findIndex((rule) => rule.id === id);
    if (method === "DELETE") return ok({ id: rules.splice(at, 1)[0]?.id ?? "" });
    const rule = { ...body, id, builtIn: rules[at]?.builtIn ?? false, updatedAt: Date.now(), updatedBy: "user:m.ito" } as RuleAnswer;
    if (at < 0) rules.push(rule);
    else rules[at] = rule;
    return ok(rule);
  }
  if (room !== "incidents") return null;
  if (id === undefined) {
    if (method === "GET") {
      const statuses = search.get("status")?.split(",");
      const items = [...incidents, merged].filter((each) => sought(each, search) && (statuses?.includes(each.status) ?? true));
      return ok({ items: items.map(summaryOf), nextCursor: null });
    }
    const made = incident(215, String(body["title"]), [], {
      ...(body as Partial<Incident>),
      manual: true,
      startedAt: Date.now(),
      detectedBy: "user:m.ito",
    });
    incidents.unshift(made);
    return ok(answerOf(made), 201);
  }
  const place = incidents.findIndex((one) => one.id === (id === merged.id ? merged.mergedInto : id));
  const one = incidents[place];
  if (!one) return unknown;
  const keep = (next: Incident): FakeAnswer => ok(answerOf((incidents[place] = next)));
  const own = additions.get(one.id) ?? [];
  switch (`${method} ${what ?? ""}`) {
    case "PATCH ":
      return keep(changed(one, body));
    case "POST reopen":
      return keep(reopened(one, Date.now()));
    case "POST marks": {
      const { symptom, verdict } = body as { symptom: string; verdict: "cause" | "not_cause" | "none" };
      const others = Object.fromEntries(Object.entries(one.marks).filter(([name]) => name !== symptom));
      return keep({ ...one, marks: verdict === "none" ? others : { ...others, [symptom]: { verdict, by: "user:m.ito", at: Date.now() } } });
    }
    case "POST notes": {
      const at = typeof body["at"] === "number" ? body["at"] : Date.now();
      const note: Addition = {
        ...{
          id: `note${String(own.length + 1)}`,
          at,
          eventId: null,
          title: null,
          text: String(body["text"]),
          pinned: body["pinned"] === true,
        },
        ...{ by: "user:m.ito", createdAt: Date.now(), original: null },
      };
      additions.set(one.id, [...own, note]);
      return ok(note, 201);
    }
    case "PATCH entries": {
      const entry = entriesOf(one).find((candidate) => candidate.key === key);
      if (!entry) return unknown;
      const before = own.find((addition) => (addition.eventId === null ? `n${addition.id}` : `e${String(addition.eventId)}`) === key);
      const { title, at, text, pinned } = body as { title?: string; at?: number; text?: string; pinned?: boolean };
      const moves = title !== undefined || at !== undefined;
      const next: Addition = {
        id: before?.id ?? `edit${entry.key}`,
        at: at ?? entry.at,
        eventId: entry.event?.id ?? null,
        title: title ?? before?.title ?? null,
        text: text ?? entry.text,
        pinned: pinned ?? entry.pinned,
        by: "user:m.ito",
        createdAt: Date.now(),
        original: moves ? { at: entry.at, title: entry.title, editedBy: "user:m.ito", editedAt: Date.now() } : entry.original,
      };
      additions.set(one.id, [...own.filter((addition) => addition !== before), next]);
      return ok(next);
    }
    case "GET timeline": {
      const kinds = search.get("kind")?.split(",");
      const items = entriesOf(one).filter(
        (entry) =>
          (search.get("noise") === "true" || !entry.noise) &&
          (search.get("pinned") !== "true" || entry.pinned) &&
          (kinds === undefined || kinds.includes(entry.kind)),
      );
      return ok({ items, nextCursor: null });
    }
    case "GET write-up": {
      const story = storyOf(one);
      return search.get("format") === "markdown" ? { status: 200, body: null, markdown: markdownOf(story) } : ok(story);
    }
    default:
      return ok(answerOf(one));
  }
}

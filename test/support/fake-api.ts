/** The answers of the HTTP API on an invented fleet: the right shapes, numbers that fit what the live socket says, no memory. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { FlipAnswer, FlipDetail, PreviewAnswer, Problem, SwitchAnswer, TokenAnswer } from "../../protocol/api.ts";
import { columnsOf } from "../../protocol/kinds.ts";
import type { LiveInstance } from "../../protocol/live.ts";
import { answerEffect } from "./fake-effect-api.ts";
import { answerReplay, type FakeReplay } from "./fake-replay-api.ts";
import { answerAudit } from "./fake-audit-api.ts";
import { answerPlans } from "./fake-preset-api.ts";
import { answerIncidents } from "./fake-incident-api.ts";
import { answerNotifications } from "./fake-notification-api.ts";
import { answerPolicies } from "./fake-policy-api.ts";
import { answerSettings } from "./fake-settings-api.ts";
import type { InventedFleet } from "./invented-fleet.ts";

const HOUR = 3_600_000;
const flips: FlipAnswer[] = [];
const tokens: TokenAnswer[] = [
  {
    id: "t-1",
    kind: "agent",
    name: "shop",
    prefix: "hfa_9fK2",
    role: null,
    environment: "production",
    services: [],
    createdAt: Date.now() - 40 * HOUR,
    createdBy: "user:m.ito",
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: Date.now() - 400,
  },
  {
    id: "t-2",
    kind: "agent",
    name: "old images",
    prefix: "hfa_Lm31",
    role: null,
    environment: "production",
    services: ["images"],
    createdAt: Date.now() - 400 * HOUR,
    createdBy: "user:a.novak",
    expiresAt: null,
    revokedAt: Date.now() - 90 * HOUR,
    lastUsedAt: Date.now() - 91 * HOUR,
  },
];

const instancesWith = (fleet: InventedFleet, key: string): LiveInstance[] =>
  fleet.members.map((member) => member.instance).filter((instance) => instance.switches.some((entry) => entry.key === key));

function firstFlip(fleet: InventedFleet): void {
  if (flips.length > 0) return;
  const at = fleet.started - 46_000;
  flips.push({
    id: "f-1",
    switchKey: "recommendations",
    kind: "switch",
    key: "recommendations",
    policy: null,
    body: { position: "popular" },
    environment: "production",
    position: "popular",
    scope: {},
    reason: "take load off orders",
    author: "m.ito",
    createdAt: at,
    expiresAt: at + HOUR,
    revision: 118,
    status: "live",
    endedAt: null,
    endedBy: null,
    receipts: { targeted: 2, pending: 0, sent: 0, applied: 2, refused: 0, unknown: 0 },
  });
}

function switches(fleet: InventedFleet): SwitchAnswer[] {
  const keys = new Map(fleet.members.flatMap((member) => member.instance.switches.map((entry) => [entry.key, entry])));
  return [...keys].map(([key, entry]) => {
    const holders = instancesWith(fleet, key);
    const live = flips.filter((flip) => flip.switchKey === key && flip.status === "live");
    const desired = live[0]?.position ?? entry.positions[0] ?? "";
    return {
      key,
      title: entry.title,
      whatUsersLose: entry.whatUsersLose,
      positions: [...entry.positions],
      safeDefault: entry.safeDefault,
      services: [...new Set(holders.map((instance) => instance.service))],
      desired,
      instances: {
        total: holders.length,
        asDesired: holders.filter((instance) => instance.switches.some((own) => own.key === key && own.position === desired)).length,
        unknown: 0,
      },
      flips: live,
      revision: live[0]?.revision ?? 0,
      lastChange: live[0] ? { at: live[0].createdAt, by: live[0].author, reason: live[0].reason } : null,
    };
  });
}

/** As they were before anybody switched anything, or after. */
function switchesAt(fleet: InventedFleet, switched: boolean): SwitchAnswer[] {
  return switches(fleet).map((entry) => {
    const { total } = entry.instances;
    if (switched) return { ...entry, instances: { total, asDesired: total, unknown: 0 } };
    const desired = entry.positions[0] ?? "";
    return { ...entry, desired, flips: [], lastChange: null, revision: 0, instances: { total, asDesired: total, unknown: 0 } };
  });
}

function preview(fleet: InventedFleet, key: string): PreviewAnswer {
  const hit = instancesWith(fleet, key);
  const services = [...new Set(hit.map((instance) => instance.service))].map((service) => ({
    service,
    instances: hit.filter((instance) => instance.service === service).length,
  }));
  return {
    revision: fleet.revision,
    targeted: hit.length,
    live: hit.length,
    absent: 0,
    services,
    refusals: [],
    instances: hit.map((instance) => ({
      instance: instance.key,
      live: true,
      position: instance.switches.find((entry) => entry.key === key)?.position ?? null,
    })),
    returnsTo: hit[0]?.switches.find((entry) => entry.key === key)?.positions[0] ?? "",
  };
}

function detail(fleet: InventedFleet, flip: FlipAnswer): FlipDetail {
  return {
    ...flip,
    instances: instancesWith(fleet, flip.switchKey).map((instance) => ({
      instance: instance.key,
      state: "applied" as const,
      at: flip.createdAt,
      roundTripMs: 14,
      appliedMs: 2,
      reason: null,
      lastRevision: flip.revision,
    })),
  };
}

function flip(fleet: InventedFleet, key: string, body: Record<string, unknown>): FlipAnswer {
  const now = Date.now();
  const expires = typeof body["expiresInSeconds"] === "number" ? now + body["expiresInSeconds"] * 1000 : null;
  const hit = instancesWith(fleet, key);
  const made: FlipAnswer = {
    id: `f-${flips.length + 1}`,
    switchKey: key,
    kind: "switch",
    key,
    policy: null,
    body: { position: String(body["position"]) },
    environment: "production",
    position: String(body["position"]),
    scope: {},
    reason: String(body["reason"]),
    author: "m.ito",
    createdAt: now,
    expiresAt: expires,
    revision: ++fleet.revision,
    status: "live",
    endedAt: null,
    endedBy: null,
    receipts: { targeted: hit.length, pending: 0, sent: 0, applied: hit.length, refused: 0, unknown: 0 },
  };
  for (const instance of hit) for (const entry of instance.switches) if (entry.key === key) entry.position = made.position;
  flips.unshift(made);
  return made;
}

function series(fleet: InventedFleet, search: URLSearchParams): unknown {
  const to = Number(search.get("to") ?? Date.now());
  const from = Number(search.get("from") ?? to - 900_000);
  const stepMs = Number(search.get("step") ?? 10_000);
  const columns = (search.get("columns") ?? "requests").split(",");
  const service = search.get("service");
  const entries = fleet.members
    .filter((member) => service === null || member.instance.service === service)
    .flatMap(({ instance, resources }) =>
      resources.flatMap(({ declared, next }) =>
        columns.flatMap((column) => {
          if (next(1)[column] === undefined) return [];
          // Like the real answer: gauges as they were, counters as their increase, at the start of each step.
          const counts = columnsOf(declared.kind).find(({ name }) => name === column)?.type === "counter";
          const values: (number | null)[] = [];
          for (let at = from; at < to; at += stepMs) {
            const heard = at + stepMs <= (instance.lastFrameAt ?? 0);
            const value = heard ? (next(Math.round((at - fleet.started) / 1000) + 3600)[column] ?? 0) : null;
            values.push(value === null || !counts ? value : value * (stepMs / 1000));
          }
          const names = { instance: instance.key, resource: declared.name, kind: declared.kind, column };
          return [{ ...names, values, ...(counts ? { overMs: values.map(() => stepMs) } : {}) }];
        }),
      ),
    );
  return { from, to, stepMs, truncated: false, series: entries };
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
}

const problem = (status: number, code: string, detailText: string): Problem => ({
  type: `/errors#${code}`,
  title: code.replaceAll("_", " "),
  status,
  code,
  detail: detailText,
  retryable: false,
  requestId: "req-1",
});

/** Answers one request under /api/v1. */
export async function answerApi(
  request: IncomingMessage,
  response: ServerResponse,
  { fleet, replay }: { readonly fleet: InventedFleet; readonly replay: FakeReplay },
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://fake");
  const path = url.pathname.replace("/api/v1", "");
  const body = ["POST", "PATCH", "PUT"].includes(request.method ?? "") ? await bodyOf(request) : {};
  const reply = (status: number, value: unknown): void => {
    response.writeHead(status, {
      "content-type": status >= 400 ? "application/problem+json" : "application/json",
      "cache-control": "no-store",
    });
    response.end(JSON.stringify(value));
  };
  const page = (items: readonly unknown[]): void => reply(200, { items, nextCursor: null });
  if (answerAudit(url.pathname, url.searchParams, response)) return;
  const setting =
    answerNotifications(request.method ?? "GET", path, { body, params: url.searchParams }) ??
    answerSettings(request.method ?? "GET", path, body);
  if (setting) {
    reply(setting.status, setting.body);
    return;
  }
  const policies = answerPolicies(request.method ?? "GET", path, { fleet, search: url.searchParams, body });
  if (policies) {
    reply(policies.status, policies.body);
    return;
  }
  const past = answerReplay(replay, path, url.searchParams);
  if (past) {
    response.writeHead(200, { "content-type": past.type, "cache-control": "no-store" });
    response.end(past.body);
    return;
  }
  const proof = answerEffect(path, fleet);
  if (proof) {
    reply(200, proof);
    return;
  }
  const told = answerIncidents(request.method ?? "GET", path, { search: url.searchParams, body });
  if (told?.markdown !== undefined) {
    response.writeHead(200, { "content-type": "text/markdown; charset=utf-8" });
    response.end(told.markdown);
    return;
  }
  if (told) {
    reply(told.status, told.body);
    return;
  }
  firstFlip(fleet);
  const plans = answerPlans(request.method ?? "GET", path, {
    switches: () => switches(fleet),
    flips,
    flip: (key, order) => flip(fleet, key, order),
    search: url.searchParams,
    body,
  });
  if (plans) {
    reply(plans.status, plans.body);
    return;
  }
  const segments = path.split("/").slice(1).map(decodeURIComponent);
  switch (`${request.method ?? "GET"} ${segments[0] ?? ""}`) {
    case "GET me": {
      reply(200, { name: "m.ito", email: "m.ito@example.com", role: "admin", kind: "user", environments: ["production", "staging"] });
      return;
    }
    case "POST live-tickets": {
      reply(201, { ticket: "fake", expiresAt: Date.now() + 30_000, now: Date.now() });
      return;
    }
    case "POST auth":
      if (body["password"] === "wrong password")
        reply(401, problem(401, "wrong_credentials", "The email or the password is wrong. After ten tries the account waits a minute."));
      else reply(200, {});
      return;
    case "GET events": {
      const [kinds, services] = [url.searchParams.getAll("kind"), url.searchParams.getAll("service")];
      const since = Number(url.searchParams.get("since") ?? 0);
      const until = Number(url.searchParams.get("until") ?? Infinity);
      page(
        [...fleet.events]
          .reverse()
          .filter(
            (event) =>
              event.at >= since &&
              event.at <= until &&
              (kinds.length === 0 || kinds.some((kind) => event.type.startsWith(kind))) &&
              (services.length === 0 || services.some((service) => event.service === service)),
          )
          .slice(0, Number(url.searchParams.get("limit") ?? 100)),
      );
      return;
    }
    case "GET series": {
      reply(200, series(fleet, url.searchParams));
      return;
    }
    case "GET switches": {
      const at = url.searchParams.get("at");
      page(at === null ? switches(fleet) : switchesAt(fleet, replay.switched(Number(at))));
      return;
    }
    case "POST switches":
      if (segments[2] === "preview") {
        reply(200, preview(fleet, segments[1] ?? ""));
        return;
      }
      {
        reply(201, flip(fleet, segments[1] ?? "", body));
        return;
      }
    case "GET flips": {
      const found = flips.find((candidate) => candidate.id === segments[1]);
      if (segments[1] === undefined) {
        page(flips);
        return;
      }
      if (found) reply(200, detail(fleet, found));
      else reply(404, problem(404, "not_found", "There is no such flip."));
      return;
    }
    case "POST flips": {
      const found = flips.find((candidate) => candidate.id === segments[1]);
      if (found) Object.assign(found, { status: "reverted", endedAt: Date.now(), endedBy: "user:m.ito" });
      reply(200, found ?? {});
      return;
    }
    case "GET agent-tokens": {
      page(tokens.filter((token) => token.kind === "agent"));
      return;
    }
    case "GET api-tokens": {
      page(tokens.filter((token) => token.kind === "api"));
      return;
    }
    case "POST agent-tokens": {
      const made: TokenAnswer = {
        ...(tokens[0] as TokenAnswer),
        id: `t-${tokens.length + 1}`,
        name: String(body["name"]),
        createdAt: Date.now(),
        lastUsedAt: null,
      };
      tokens.push(made);
      reply(201, { ...made, token: `hfa_${"A1b2".repeat(12)}c` });
      return;
    }
    default: {
      reply(404, problem(404, "not_found", `Nothing answers ${path}.`));
      return;
    }
  }
}

/** Policies of the invented fleet: settings that differ between instances, one forced breaker, latencies that suggest values. */
import type { ChangeAnswer, ChangeDetail } from "../../protocol/api.ts";
import type { LatencyAnswer } from "../../protocol/history-api.ts";
import type { ChangePreview, PolicyAnswer, PolicySetting } from "../../protocol/policy-api.ts";
import { fieldsOf, type PolicyName, type SettingValue } from "../../protocol/settings.ts";
import type { InventedFleet } from "./invented-fleet.ts";

interface Answer {
  readonly status: number;
  readonly body: unknown;
}
export interface FakePolicyAsk {
  readonly fleet: InventedFleet;
  readonly search: URLSearchParams;
  readonly body: Record<string, unknown>;
}
interface Given {
  readonly name: string;
  readonly policy: PolicyName;
  readonly services: readonly string[];
  readonly values?: Readonly<Record<string, SettingValue>>;
  /** What the last instance of them has. */
  readonly odd?: Readonly<Record<string, SettingValue>>;
}

const GIVEN: readonly Given[] = [
  { name: "payments", policy: "breaker", services: ["orders"], odd: { openMs: 60_000, minimumCalls: 40 } },
  { name: "payments", policy: "timeout", services: ["orders"], values: { attemptMs: 800, totalMs: 5_000 } },
  { name: "payments", policy: "retry", services: ["orders"] },
  { name: "payments", policy: "bulkhead", services: ["orders"], values: { maxConcurrent: 20 } },
  { name: "inventory", policy: "breaker", services: ["orders"] },
  { name: "pg", policy: "pool", services: ["orders", "catalog"], values: { max: 20 }, odd: { max: 50 } },
  { name: "psp", policy: "pool", services: ["payments"], values: { max: 50 } },
  { name: "erp", policy: "breaker", services: ["inventory"] },
  { name: "orders", policy: "breaker", services: ["storefront"] },
  { name: "search", policy: "breaker", services: ["storefront"] },
  { name: "admission", policy: "shedder", services: ["storefront"] },
  ...Array.from({ length: 190 }, (_, i): Given => ({ name: `partner-${String(i)}`, policy: "limiter", services: ["storefront"] })),
];

const changes: ChangeAnswer[] = [];

function holdersOf(fleet: InventedFleet, services: readonly string[]): string[] {
  return fleet.members.map(({ instance }) => instance.key).filter((key) => services.includes(key.split("/")[0] ?? ""));
}

function change(
  kind: ChangeAnswer["kind"],
  given: Given,
  rest: Pick<ChangeAnswer, "body" | "scope" | "reason" | "expiresAt">,
): ChangeAnswer {
  const made: ChangeAnswer = {
    id: `p-${String(changes.length + 1)}`,
    kind,
    key: given.name,
    policy: given.policy,
    environment: "production",
    author: "user:a.novak",
    createdAt: Date.now() - 60_000,
    revision: 120 + changes.length,
    status: "live",
    endedAt: null,
    endedBy: null,
    receipts: { targeted: 1, pending: 0, sent: 0, applied: 1, refused: 0, unknown: 0 },
    ...rest,
  };
  changes.unshift(made);
  return made;
}

function begin(): void {
  if (changes.length > 0) return;
  const [breaker, timeout] = GIVEN;
  const erp = GIVEN.find(({ name }) => name === "erp");
  if (breaker === undefined || timeout === undefined || erp === undefined) return;
  const until = Date.now() + 14 * 60_000;
  change("override", erp, {
    body: { policy: "breaker", state: "forced_open" },
    scope: { service: "inventory" },
    reason: "the supplier asked us to stop until their restart",
    expiresAt: until,
  });
  Object.assign(
    change("settings", timeout, {
      body: { policy: "timeout", values: { attemptMs: 900 } },
      scope: { service: "orders" },
      reason: "payments answer slowly since the release",
      expiresAt: until,
    }),
    { receipts: { targeted: 3, pending: 0, sent: 0, applied: 2, refused: 1, unknown: 0 } },
  );
}

function policyOf(fleet: InventedFleet, given: Given): PolicyAnswer {
  const names = holdersOf(fleet, given.services);
  const own = changes.filter(({ key, policy, status }) => key === given.name && policy === given.policy && status === "live");
  const last = names.at(-1) ?? "";
  const others = names.slice(0, -1);
  return {
    name: given.name,
    policy: given.policy,
    services: [...given.services],
    instances: { total: names.length, live: names.length },
    revision: Math.max(0, ...own.map(({ revision }) => revision)),
    settings: Object.entries(fieldsOf(given.policy)).map(([key, field]): PolicySetting => {
      const value = given.values?.[key] ?? field.default;
      const odd = given.odd?.[key];
      const changed = own.find(({ body }) => "values" in body && key in body.values);
      const said = changed !== undefined && "values" in changed.body ? changed.body.values[key] : undefined;
      const code =
        odd === undefined
          ? [{ value, instances: names.length, names }]
          : [
              { value, instances: others.length, names: others },
              { value: odd, instances: 1, names: [last] },
            ];
      return {
        key,
        type: field.type,
        default: field.default,
        ...(field.type === "int" ? { min: field.min, max: field.max } : {}),
        ...(field.type === "choice" ? { options: [...field.options] } : {}),
        bounds: null,
        fixed: key === "shadow",
        code,
        effective:
          said === undefined || changed === undefined
            ? code.map((entry) => ({ ...entry, origin: "code" as const, revision: 0 }))
            : [{ value: said, instances: names.length, names, origin: "remote" as const, revision: changed.revision }],
      };
    }),
    note: null,
    states: given.policy === "breaker" ? ["forced_open", "forced_closed", "disabled"] : ["disabled"],
    override: own.flatMap(({ id, revision, body }) =>
      "state" in body ? [{ id, revision, instances: names.length, state: body.state }] : [],
    ),
    fault: { allowed: 0, inForce: [] },
    changes: own,
    lastChange: null,
  };
}

function latencies(fleet: InventedFleet, search: URLSearchParams): LatencyAnswer {
  const service = search.get("service") ?? "";
  const each = search.get("each") === "true";
  const entries = fleet.members
    .filter(({ instance }) => instance.service === service)
    .flatMap(({ instance, resources }, index) =>
      resources
        .filter(({ declared }) => declared.kind === "breaker" || declared.kind === "server")
        .map(({ declared }) => ({
          service,
          instance: each ? instance.key : null,
          resource: declared.name,
          kind: declared.kind,
          column: "p99Us",
          instances: 1,
          samples: 3_600,
          weight: 90_000,
          low: 80_000,
          high: 400_000,
          p50: 190_000,
          p90: 205_000,
          p99: 212_000 + index * 9_000,
        })),
    );
  return {
    from: Number(search.get("from")),
    to: Number(search.get("to")),
    tier: "1m",
    truncated: false,
    cut: null,
    meaning: "",
    latencies: each ? entries : entries.slice(0, 6),
  };
}

/** What it answers; null: it is no question about policies. */
export function answerPolicies(method: string, path: string, { fleet, search, body }: FakePolicyAsk): Answer | null {
  begin();
  const [, first, second, third] = path.split("/").map(decodeURIComponent);
  if (first === "history" && second === "latencies") return { status: 200, body: latencies(fleet, search) };
  if (first === "policies" && method === "GET") {
    const service = search.get("service");
    const items = GIVEN.filter(({ services }) => service === null || services.includes(service)).map((given) => policyOf(fleet, given));
    return { status: 200, body: { items, nextCursor: null } };
  }
  if (first === "policies" && second === "preview") return { status: 200, body: preview(fleet, body) };
  if (first === "overrides" || (first === "policies" && method === "PUT")) {
    const name = typeof body["name"] === "string" ? body["name"] : (second ?? "");
    const given = GIVEN.find((known) => known.name === name && known.policy === (body["policy"] ?? third));
    if (given === undefined) return null;
    const seconds = body["expiresInSeconds"];
    const made = change(first === "overrides" ? "override" : "settings", given, {
      body:
        first === "overrides"
          ? { policy: given.policy, state: body["state"] as "forced_open" }
          : { policy: given.policy, values: (body["values"] ?? {}) as Record<string, SettingValue> },
      scope: body["scope"] ?? {},
      reason: String(body["reason"]),
      expiresAt: typeof seconds === "number" ? Date.now() + seconds * 1000 : null,
    });
    return { status: 201, body: made };
  }
  const found = first === "changes" ? changes.find(({ id }) => id === second) : undefined;
  if (found === undefined) return null;
  if (third === "revert") Object.assign(found, { status: "reverted", endedAt: Date.now(), endedBy: "user:m.ito" });
  return { status: 200, body: method === "GET" ? detailOf(fleet, found) : found };
}

function preview(fleet: InventedFleet, body: Record<string, unknown>): ChangePreview {
  const given = GIVEN.find(({ name }) => name === body["name"]);
  const names = holdersOf(fleet, given?.services ?? []);
  const said = (body["values"] ?? { state: body["state"] }) as Record<string, SettingValue>;
  return {
    flipId: String(body["flipId"]),
    revision: 121,
    targeted: names.length,
    live: names.length,
    absent: 0,
    services: [],
    refusals: [],
    instances: names.map((instance) => ({ instance, live: true })),
    moves: Object.entries(said).map(([key, to]) => ({
      key,
      to,
      from: [{ value: "none", instances: names.length }],
      returnsTo: [{ value: "none", instances: names.length }],
    })),
  };
}

function detailOf(fleet: InventedFleet, found: ChangeAnswer): ChangeDetail {
  const given = GIVEN.find(({ name, policy }) => name === found.key && policy === found.policy);
  return {
    ...found,
    instances: holdersOf(fleet, given?.services ?? [])
      .slice(0, Math.max(1, found.receipts.targeted))
      .map((instance, i) => ({
        instance,
        state: i < found.receipts.applied ? ("applied" as const) : ("refused" as const),
        at: found.createdAt,
        roundTripMs: 12,
        appliedMs: 2,
        reason: i < found.receipts.applied ? null : "attemptMs is a whole number from 1 to 850",
        lastRevision: found.revision,
      })),
  };
}

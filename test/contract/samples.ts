/** Values for the contract suite, each call with an environment of its own so that tests share one store without meeting. */
import { randomUUID } from "node:crypto";
import type { Decision } from "../../core/policy.ts";
import type { NewAuditEntry } from "../../server/store/audit-entry.ts";
import type { AgentEventBatch, ApiToken, KnownInstance, KnownSwitch, NewEvent, NewFlip, SamplePage } from "../../server/store/store.ts";

export const NOW = 1_750_000_000_123;

export const newEnvironment = (): string => `env-${randomUUID()}`;

export const agentEvent = (seq: number, type = "breaker.opened") => ({ seq, at: NOW + seq, type, data: { seq } });

export function batch(environment: string, seqs: readonly number[], changes: Partial<AgentEventBatch> = {}): AgentEventBatch {
  return {
    environment,
    service: "orders",
    instance: "orders-1",
    boot: "boot-a",
    receivedAt: NOW + 1000,
    skewMs: 0,
    events: seqs.map((seq) => agentEvent(seq)),
    ...changes,
  };
}

export function newEvent(environment: string, changes: Partial<NewEvent> = {}): NewEvent {
  return {
    environment,
    at: NOW,
    receivedAt: NOW,
    type: "note",
    service: null,
    instance: null,
    resource: null,
    actor: "user:ada",
    data: {},
    ...changes,
  };
}

/** Without a request around it. */
export function newAudit(changes: Partial<NewAuditEntry> = {}): NewAuditEntry {
  return {
    at: NOW,
    actor: { kind: "user", id: "u1", name: "Ada" },
    role: "operator",
    source: "console",
    address: "192.0.2.7",
    requestId: "r1",
    action: "flip.created",
    target: { environment: "production", service: "storefront", thing: "recommendations" },
    before: null,
    after: { position: "popular" },
    reason: "payments are slow",
    incident: null,
    flipId: null,
    outcome: "done",
    code: null,
    ...changes,
  };
}

export function page(environment: string, changes: Partial<SamplePage> = {}): SamplePage {
  return {
    environment,
    service: "orders",
    instance: "orders-1",
    boot: "boot-a",
    from: NOW,
    to: NOW + 59_000,
    lastSeq: 60,
    samples: 60,
    bytes: Uint8Array.of(1, 2, 3),
    ...changes,
  };
}

/** Of the switch `recommendations`, unless it says otherwise. */
export function newFlip(
  environment: string,
  { decision = flipOf("recommendations"), ...changes }: Partial<Pick<NewFlip, "scope" | "expiresAt">> & { decision?: Decision } = {},
): NewFlip {
  return {
    ...decision,
    id: randomUUID(),
    environment,
    scope: { service: "storefront" },
    reason: "payments are slow",
    author: "user:ada",
    createdAt: NOW,
    expiresAt: NOW + 3_600_000,
    ...changes,
  };
}

export const flipOf = (key: string): Decision => ({ kind: "switch", key, policy: null, body: { position: "popular" } });

export function knownInstance(environment: string, changes: Partial<KnownInstance> = {}): KnownInstance {
  return {
    environment,
    service: "orders",
    instance: "orders-1",
    boot: "boot-a",
    version: "1.2.3",
    labels: { zone: "north" },
    firstSeenAt: NOW,
    lastSeenAt: NOW + 5,
    left: false,
    policyRevision: 3,
    resources: [{ id: 0, kind: "breaker", name: "payments", target: "payments" }],
    switches: [
      {
        key: "recommendations",
        title: "Recommendations",
        whatUsersLose: "personal items",
        positions: ["full", "popular"],
        safeDefault: "popular",
        position: "full",
      },
    ],
    policies: [
      {
        policy: "timeout",
        name: "payments",
        values: { attemptMs: 500, totalMs: 2_000, shadow: false },
        bounds: { totalMs: [100, 5_000] },
        fixed: ["shadow"],
        note: "calls under way keep theirs",
        faults: true,
      },
    ],
    ...changes,
  };
}

export function knownSwitch(environment: string, changes: Partial<KnownSwitch> = {}): KnownSwitch {
  return {
    environment,
    key: "recommendations",
    title: "Recommendations",
    whatUsersLose: "personal items",
    positions: ["full", "popular"],
    safeDefault: "popular",
    services: ["storefront"],
    firstSeenAt: NOW,
    ...changes,
  };
}

export function token(changes: Partial<ApiToken> = {}): ApiToken {
  const id = randomUUID();
  return {
    id,
    kind: "agent",
    name: "shop",
    prefix: "hfa_Xy12Ab34",
    hash: id.replaceAll("-", "").padEnd(64, "0"),
    role: null,
    environment: "production",
    services: ["orders"],
    createdAt: NOW,
    createdBy: "user:ada",
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: null,
    ...changes,
  };
}

/** Every page of a list, from the first to the last. */
export async function readAll<T>(
  read: (cursor: string | undefined) => Promise<{ items: readonly T[]; nextCursor: string | null }>,
): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  do {
    const found = await read(cursor);
    all.push(...found.items);
    cursor = found.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return all;
}

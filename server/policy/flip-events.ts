/** What the log says about changes of policy. */
import { describeScope, type Decision, type Subject } from "../../core/policy.ts";
import type { LoggedEvent } from "../../protocol/live.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { PolicyKind } from "../../protocol/policy.ts";
import { POLICY_NAMES, type PolicyName, type Values } from "../../protocol/settings.ts";
import type { NewEvent, NewFlip } from "../store/store.ts";

type Happened = "created" | "reverted" | "expired";

const FAMILY: Readonly<Record<PolicyKind, string>> = { switch: "flip", settings: "policy", override: "override", fault: "fault" };

/** Families of event types, as prefixes. */
export const CHANGE_EVENTS = Object.values(FAMILY).map((family) => `${family}.`);

/** The store adds the `revision`. */
export function flipEvent(
  flip: NewFlip,
  what: {
    readonly happened: Happened;
    readonly at: number;
    readonly actor: string;
    readonly reason: string;
    readonly expiresAt?: number | null;
  },
): NewEvent {
  const { service, instances, percentage } = flip.scope;
  const verb = what.happened === "created" && flip.kind !== "switch" ? "set" : what.happened;
  return {
    environment: flip.environment,
    at: what.at,
    receivedAt: what.at,
    type: `${FAMILY[flip.kind]}.${verb}`,
    // A change in one service belongs to its story; wider ones to nobody's in particular.
    service: service ?? null,
    instance: null,
    resource: null,
    actor: what.actor,
    data: {
      flipId: flip.id,
      ...saying(flip),
      scope: describeScope(flip.scope),
      ...(instances === undefined ? {} : { scopeInstances: instances.length }),
      ...(percentage === undefined ? {} : { scopePercentage: percentage }),
      reason: what.reason,
      ...(flip.purpose === undefined ? {} : { purpose: flip.purpose }),
      ...(what.expiresAt === undefined ? {} : { expiresAt: what.expiresAt }),
    },
  };
}

function saying(decision: Decision): NewEvent["data"] {
  switch (decision.kind) {
    case "switch":
      return { switch: decision.key, position: decision.body.position };
    case "settings":
      return { policy: decision.policy, name: decision.key, values: inWords(decision.body.values) };
    case "override":
      return { policy: decision.policy, name: decision.key, state: decision.body.state };
    case "fault":
      return { pipeline: decision.key, values: inWords(decision.body.values) };
  }
}

/** Values in a line: `attemptMs 500, totalMs 2000`. */
function inWords(values: Values): string {
  const line = Object.entries(values).map(([key, value]) => `${key} ${String(value)}`);
  return line.join(", ").slice(0, LIMITS.textChars);
}

/** What an event of these families is about; null for what we did not write. */
export function subjectOfEvent({ data }: Pick<LoggedEvent, "data">): Subject | null {
  if (typeof data["switch"] === "string") return { kind: "switch", key: data["switch"], policy: null };
  if (typeof data["pipeline"] === "string") return { kind: "fault", key: data["pipeline"], policy: null };
  const { policy, name } = data;
  return typeof name === "string" && isPolicy(policy) ? { kind: "settings", key: name, policy } : null;
}

const isPolicy = (value: unknown): value is PolicyName => POLICY_NAMES.some((name) => name === value);

/** A flipped switch also by the names that callers of /flips know. */
export function namesOf(flip: Decision): { readonly switchKey?: string; readonly position?: string } {
  return flip.kind === "switch" ? { switchKey: flip.key, position: flip.body.position } : {};
}

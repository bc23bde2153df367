/** Turns what the rooms know into what the API says. */
import { desiredPosition, wantedPosition } from "../../core/policy.ts";
import { linkState, valueOf } from "../../core/fleet.ts";
import type { ChangeAnswer, ChangeDetail, FleetAnswer, FlipAnswer, SwitchAnswer, TokenAnswer, UserAnswer } from "../../protocol/api.ts";
import { BREAKER_STATES, columnsOf } from "../../protocol/kinds.ts";
import type { Person } from "../auth/people.ts";
import type { Clock } from "../clock.ts";
import { namesOf } from "../policy/flip-events.ts";
import type { PolicyView } from "../policy/policy-as-of.ts";
import { scopedFlips } from "../policy/switch-catalog.ts";
import type { ApiToken, Flip, KnownSwitch } from "../store/store.ts";
import type { ApiDeps } from "./api-deps.ts";

/** Now, or as of a moment. */
export interface PolicyParts {
  readonly policy: PolicyView;
}

/** A change of any kind; one of a switch has its names as well. */
export async function changeAnswer({ policy }: { readonly policy: Pick<PolicyView, "receipts"> }, flip: Flip): Promise<ChangeAnswer> {
  const { service, instances, percentage } = flip.scope;
  return {
    id: flip.id,
    ...namesOf(flip),
    kind: flip.kind,
    key: flip.key,
    policy: flip.policy,
    body: flip.body,
    environment: flip.environment,
    scope: {
      ...(service === undefined ? {} : { service }),
      ...(instances === undefined ? {} : { instances: [...instances] }),
      ...(percentage === undefined ? {} : { percentage }),
    },
    reason: flip.reason,
    author: flip.author,
    createdAt: flip.createdAt,
    expiresAt: flip.expiresAt,
    revision: flip.revision,
    status: flip.status,
    endedAt: flip.endedAt,
    endedBy: flip.endedBy,
    ...(flip.purpose === undefined ? {} : { purpose: flip.purpose }),
    receipts: await policy.receipts.counts(flip.id),
  };
}

/** Of a switch. */
export async function flipAnswer(deps: PolicyParts, flip: Flip): Promise<FlipAnswer> {
  return { switchKey: "", position: "", ...(await changeAnswer(deps, flip)) };
}

export async function changeDetail(deps: PolicyParts, flip: Flip): Promise<ChangeDetail> {
  const receipts = await deps.policy.receipts.list(flip.id);
  return {
    ...(await changeAnswer(deps, flip)),
    instances: receipts.map(({ flipId: _, instanceKey, ...receipt }) => ({ instance: instanceKey, ...receipt })),
  };
}

export async function switchAnswer(
  { policy, fleet, clock }: PolicyParts & { readonly fleet: Pick<ApiDeps["fleet"], "fleet">; readonly clock: Pick<Clock, "now"> },
  known: KnownSwitch,
): Promise<SwitchAnswer> {
  const { environment, key, positions } = known;
  const subject = { kind: "switch", key, policy: null } as const;
  const flips = policy.inForce(environment, subject);
  const scoped = scopedFlips(flips);
  const instances = { total: 0, asDesired: 0, unknown: 0 };
  const now = clock.now();
  const states = fleet.fleet(environment).instances;
  for (const holder of policy.catalog.holders(environment, key)) {
    const instance = states.get(holder.key);
    const link = instance ? linkState(instance, now) : "unseen";
    instances.total++;
    if (link === "offline" || link === "unseen") instances.unknown++;
    else if (holder.position === wantedPosition(scoped, holder, positions)) instances.asDesired++;
  }
  return {
    key,
    title: known.title,
    whatUsersLose: known.whatUsersLose,
    positions: [...positions],
    safeDefault: known.safeDefault,
    services: [...known.services],
    desired: desiredPosition(scoped, positions),
    instances,
    flips: await Promise.all(flips.map((flip) => flipAnswer({ policy }, flip))),
    revision: await policy.history.revision(environment, subject),
    lastChange: policy.history.last(environment, subject),
  };
}

export function fleetAnswer(
  { fleet, clock }: Pick<ApiDeps, "fleet" | "clock">,
  environment: string,
  service: string | undefined,
): FleetAnswer {
  const now = clock.now();
  const services = new Map<string, FleetAnswer["services"][number]>();
  const answer: FleetAnswer = { at: now, environment, services: [], instances: [], resources: [] };
  for (const instance of fleet.fleet(environment).instances.values()) {
    if (service !== undefined && instance.service !== service) continue;
    const state = linkState(instance, now);
    const counts = services.get(instance.service) ?? { name: instance.service, instances: 0, live: 0, stale: 0, offline: 0, unseen: 0 };
    counts.instances++;
    counts[state]++;
    services.set(instance.service, counts);
    answer.instances.push({
      key: instance.key,
      service: instance.service,
      instance: instance.instance,
      version: instance.version ?? null,
      labels: { ...instance.labels },
      state,
      lastFrameAt: instance.lastFrameAt,
      connectedAt: instance.connectedAt,
      policyRevision: instance.policyRevision,
      positions: Object.fromEntries(instance.switches.map((declared) => [declared.key, declared.position])),
    });
    for (const resource of instance.resources) {
      if (resource.retired) continue;
      const values = columnsOf(resource.kind).map((column) => {
        const value = valueOf(instance, resource, column.name);
        return [column.name, value !== null && column.type === "state" ? (BREAKER_STATES[value] ?? value) : value] as const;
      });
      answer.resources.push({
        instance: instance.key,
        service: instance.service,
        kind: resource.kind,
        name: resource.name,
        target: resource.target ?? null,
        values: Object.fromEntries(values),
      });
    }
  }
  answer.services = [...services.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return answer;
}

export function tokenAnswer({ hash: _, ...token }: ApiToken): TokenAnswer {
  return { ...token, services: [...token.services] };
}

export function userAnswer(person: Person): UserAnswer {
  return { ...person };
}

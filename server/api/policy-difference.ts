/** What of the policy differs between a moment and now, and the steps that would bring it back. Changes nothing. */
import { eventTitle } from "../../core/incidents/event-words.ts";
import { covers } from "../../core/policy.ts";
import { policyDifferences, type PolicyDifference } from "../../core/replay-policy.ts";
import type { PolicyDifferenceAnswer } from "../../protocol/replay-api.ts";
import { flipEvent } from "../policy/flip-events.ts";
import { policyAsOf, type PolicyAsOf } from "../policy/policy-as-of.ts";
import type { Flip, FlipScope } from "../store/store.ts";
import { changeAnswer } from "./answers.ts";
import type { ApiDeps } from "./api-deps.ts";

type Item = PolicyDifferenceAnswer["items"][number];
type Step = Item["steps"][number];

/** Of a lease: what a request may say. */
const SECONDS_LEAST = 5;
const INSTANCES_MOST = 1_000;

export async function policyDifference(deps: ApiDeps, environment: string, at: number): Promise<PolicyDifferenceAnswer> {
  const { policy, store, clock } = deps;
  const then = await policyAsOf(deps, environment, at);
  const now = await store.listFlipsAt(environment, clock.now());
  const items: Item[] = [];
  for (const difference of policyDifferences(then.flips, now)) items.push(await itemOf(deps, environment, { difference, then, at }));
  return { environment, at, revision: { then: then.revision, now: policy.revision(environment) }, items };
}

interface Found {
  readonly difference: PolicyDifference<Flip>;
  readonly then: PolicyAsOf;
  readonly at: number;
}

async function itemOf({ policy }: ApiDeps, environment: string, { difference, then, at }: Found): Promise<Item> {
  const { kind, key, policy: name } = difference.subject;
  const steps: Step[] = [];
  const left: Item["left"] = [];
  for (const { step, change } of difference.steps) {
    const say = { of: change.id, text: wordsOf(change, step === "make" ? "created" : "reverted") };
    if (step === "end") {
      steps.push({ step, ...say });
      continue;
    }
    const scope = scopeThen(change, then);
    const why =
      change.kind === "fault"
        ? "A drill does not begin again by itself. Begin a new one if it is wanted."
        : scope === null
          ? `It was for a share of the instances, and they are more than ${INSTANCES_MOST} by name.`
          : null;
    if (scope === null || why !== null) left.push({ ...say, why: why ?? "" });
    else steps.push({ step, ...say, ...madeAgain(change, scope, at) });
  }
  const answer = (changes: readonly Flip[]) => Promise.all(changes.map((change) => changeAnswer({ policy }, change)));
  return {
    kind,
    key,
    policy: name,
    revision: await policy.history.revision(environment, difference.subject),
    then: await answer(difference.then),
    now: await answer(difference.now),
    steps,
    left,
  };
}

function madeAgain({ kind, key, policy, body, expiresAt }: Flip, scope: FlipScope, at: number) {
  const { instances, service } = scope;
  return {
    kind,
    key,
    policy,
    body,
    scope: { ...(service === undefined ? {} : { service }), ...(instances === undefined ? {} : { instances: [...instances] }) },
    expiresInSeconds: expiresAt === null ? null : Math.max(SECONDS_LEAST, Math.round((expiresAt - at) / 1_000)),
  };
}

/** Whom it was for. A share hangs on the id of a change, so its instances are named. Null when they are too many. */
function scopeThen(change: Flip, { fleet }: PolicyAsOf): FlipScope | null {
  if (change.scope.percentage === undefined) return change.scope;
  const instances = [...fleet.fleet(change.environment).instances.values()]
    .filter((instance) => covers(change, instance) && declares(instance, change))
    .map(({ key }) => key);
  return instances.length > 0 && instances.length <= INSTANCES_MOST ? { instances } : null;
}

function declares(instance: { readonly switches: readonly { readonly key: string }[] }, change: Flip): boolean {
  return change.kind !== "switch" || instance.switches.some(({ key }) => key === change.key);
}

const wordsOf = (change: Flip, happened: "created" | "reverted"): string =>
  eventTitle(flipEvent(change, { happened, at: change.createdAt, actor: change.author, reason: "" }));

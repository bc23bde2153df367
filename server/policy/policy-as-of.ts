/** The switchboard and the policies as they were at a moment: the same answers as now, over the fleet and the changes of then. */
import { createFleet, foldFleet, type FleetState } from "../../core/fleet.ts";
import { subjectId, type Subject } from "../../core/policy.ts";
import type { Story } from "../../core/replay-story.ts";
import { PolicyBook } from "../fleet/policy-book.ts";
import type { Flip, KnownSwitch, Store } from "../store/store.ts";
import { ChangeHistory } from "./change-history.ts";
import { PolicyCatalog } from "./policy-catalog.ts";
import type { PolicyService } from "./policy-service.ts";
import { SwitchCatalog } from "./switch-catalog.ts";

/** What is asked of policies to describe them, now or then. */
export interface PolicyView {
  readonly catalog: SwitchCatalog;
  readonly policies: PolicyCatalog;
  readonly inForce: PolicyService["inForce"];
  readonly history: ChangeHistory;
  readonly receipts: Pick<PolicyService["receipts"], "counts" | "list">;
}

/** Policies of one environment at a moment, with what their answers stand on. */
export interface PolicyAsOf {
  readonly policy: PolicyView;
  readonly fleet: { fleet(environment: string): FleetState; switches(environment: string): readonly KnownSwitch[] };
  readonly clock: { now(): number };
  /** Of the environment. */
  readonly revision: number;
  /** Everything in force, lowest revision first. */
  readonly flips: readonly Flip[];
}

export interface AsOfParts {
  readonly store: Pick<Store, "listFlipsAt" | "listRevisionsAt" | "listEvents">;
  readonly fleet: { switches(environment: string): readonly KnownSwitch[] };
  readonly policy: Pick<PolicyView, "receipts">;
  readonly replay: { fleetAt(environment: string, at: number): Promise<{ readonly story: Story }> };
}

/** Receipts are counted as they are now. Switches that were declared later are left out; their words are those of now. */
export async function policyAsOf(parts: AsOfParts, environment: string, at: number): Promise<PolicyAsOf> {
  const { store, replay } = parts;
  const flips = await store.listFlipsAt(environment, at);
  const revisions = new Map((await store.listRevisionsAt(environment, at)).map(({ subject, revision }) => [subjectId(subject), revision]));
  const { story } = await replay.fleetAt(environment, at);
  const state = createFleet();
  const book = new PolicyBook();
  const declared = new Set<string>();
  for (const [key, { policies, ...instance }] of story) {
    for (const { key: name } of instance.switches) declared.add(name);
    foldFleet(state, { type: "described", instance: { ...instance, row: [] } });
    book.declared(environment, key, policies);
  }
  // The book of switches may have written one down a moment after the story of the instance that brought it.
  const switches = parts.fleet.switches(environment).filter(({ key, firstSeenAt }) => firstSeenAt <= at || declared.has(key));
  const fleet = {
    fleet: () => state,
    switches: () => switches,
    policies: () => book.groups(environment),
  };
  const history = new ChangeHistory({
    listEvents: (query) => store.listEvents({ ...query, until: at }),
    subjectRevision: (_, subject) => Promise.resolve(revisions.get(subjectId(subject)) ?? 0),
  });
  await history.load([environment]);
  return {
    fleet,
    clock: { now: () => at },
    revision: Math.max(0, ...revisions.values()),
    flips,
    policy: {
      catalog: new SwitchCatalog(fleet),
      policies: new PolicyCatalog(fleet),
      inForce: (_, subject) => inForce(flips, subject),
      history,
      receipts: parts.policy.receipts,
    },
  };
}

function inForce(flips: readonly Flip[], subject: Subject): readonly Flip[] {
  const id = subjectId(subject);
  return flips.filter((flip) => subjectId(flip) === id).reverse();
}

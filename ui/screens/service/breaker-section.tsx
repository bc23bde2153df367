"use client";

import { severity } from "../../../core/health.ts";
import { useEnvironmentName } from "../../live/hooks.ts";
import { BreakerCard, statusOfBreaker } from "./breaker-card.tsx";
import { BreakerStrip } from "./breaker-strip.tsx";
import { breakerView, withPolicy, type BreakerView } from "./breaker-view.ts";
import type { Rates, ResourceGroup } from "./members.ts";
import { useSteadyOrder } from "./use-steady-order.ts";
import { useLatencies } from "./use-latencies.ts";
import { usePolicies } from "./use-policies.ts";
import type { StripEvents } from "./use-service-data.ts";

export interface BreakerSectionProps {
  readonly service: string;
  readonly groups: readonly ResourceGroup[];
  readonly rates: Rates;
  readonly strip: StripEvents;
  readonly now: number;
}

/** One card a breaker, worst first; a rank changes only after it has held for some seconds. */
export function BreakerSection({ service, groups, rates, strip, now }: BreakerSectionProps) {
  const environment = useEnvironmentName() || "production";
  const policies = usePolicies(environment, service).data ?? [];
  const latencies = useLatencies(environment, service);
  const views = groups.map((group) => {
    const policy = policies.find((known) => known.policy === "breaker" && known.name === group.name) ?? null;
    return { group, policy, view: withPolicy(breakerView(group, rates), policy) };
  });
  const ranked = [...views].sort(
    (a, b) => severity(statusOfBreaker(b.view)) - severity(statusOfBreaker(a.view)) || (a.view.name < b.view.name ? -1 : 1),
  );
  const order = useSteadyOrder(
    ranked.map(({ view }) => view.name),
    now,
  );
  const busiest = Math.max(0, ...views.map(({ view }) => perInstance(view)));
  if (views.length === 0) return null;
  const byName = new Map(views.map((entry) => [entry.view.name, entry]));
  return (
    <section aria-label="Breakers">
      <div className="svc-section-head">
        <h2>Breakers</h2>
        <span className="svc-note">
          10 s window, percentiles of the worst instance beside those of all merged, disc area = calls a second per instance
        </span>
      </div>
      <div className="svc-breakers">
        {order.flatMap((name) => {
          const entry = byName.get(name);
          return entry === undefined
            ? []
            : [
                <BreakerCard
                  key={name}
                  view={entry.view}
                  policy={entry.policy}
                  {...{ service, environment, busiest }}
                  strip={<BreakerStrip group={entry.group} view={entry.view} strip={strip} now={now} />}
                  merged={latencies.get(`breaker ${name}`) ?? null}
                />,
              ];
        })}
      </div>
    </section>
  );
}

function perInstance(view: BreakerView): number {
  const heard = view.members.filter((member) => member.state !== null).length;
  return heard === 0 ? 0 : (view.rates.calls ?? 0) / heard;
}

"use client";

import { useMemo } from "react";
import { severity } from "../../../core/health.ts";
import type { InstanceState } from "../../../core/fleet.ts";
import type { LoggedEvent } from "../../../protocol/live.ts";
import { instanceRuns, serviceRuns } from "../../charts/state-runs.ts";
import { BreakerCard, statusOfBreaker } from "./breaker-card.tsx";
import { breakerView, type BreakerView } from "./breaker-view.ts";
import type { Rates, ResourceGroup } from "./members.ts";
import { useSteadyOrder } from "./use-steady-order.ts";
import { WINDOW_MS } from "./use-service-data.ts";

export interface BreakerSectionProps {
  readonly groups: readonly ResourceGroup[];
  readonly rates: Rates;
  readonly events: readonly LoggedEvent[];
  readonly now: number;
}

/** One card a breaker, worst first; a rank changes only after it has held for some seconds. */
export function BreakerSection({ groups, rates, events, now }: BreakerSectionProps) {
  const views = groups.map((group) => ({ group, view: breakerView(group, rates) }));
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
        <span className="svc-note">10 s window, percentiles of the worst instance, disc area = calls a second per instance</span>
      </div>
      <div className="svc-breakers">
        {order.flatMap((name) => {
          const entry = byName.get(name);
          return entry === undefined
            ? []
            : [<CardWithRuns key={name} group={entry.group} view={entry.view} events={events} now={now} busiest={busiest} />];
        })}
      </div>
    </section>
  );
}

interface CardProps {
  readonly group: ResourceGroup;
  readonly view: BreakerView;
  readonly events: readonly LoggedEvent[];
  readonly now: number;
  readonly busiest: number;
}

/** The strip moves every few seconds; a quarter of an hour in a few hundred pixels does not need more. */
const STRIP_MS = 3000;

function CardWithRuns({ group, view, events, now, busiest }: CardProps) {
  const beat = Math.ceil(now / STRIP_MS) * STRIP_MS;
  const states = view.members.map((member) => `${member.key}=${member.state ?? ""}`).join(" ");
  const { runs, window } = useMemo(() => {
    const span = { from: beat - WINDOW_MS, to: beat };
    const members = states.split(" ").map((text) => text.slice(0, text.lastIndexOf("=")));
    const lanes = members.map((key) => {
      const member = group.members.find((candidate) => candidate.instance.key === key);
      const state = view.members.find((candidate) => candidate.key === key)?.state ?? null;
      return instanceRuns(view.name, { instance: nameOf(member?.instance), state }, { events, window: span });
    });
    return { runs: serviceRuns(lanes), window: span };
    // The groups are new each second; what the strip is made of is the states, the events and the beat.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [beat, states, events, view.name]);
  return <BreakerCard view={view} runs={runs} window={window} busiest={busiest} />;
}

function nameOf(instance: InstanceState | undefined): string {
  return instance?.instance ?? "";
}

function perInstance(view: BreakerView): number {
  const heard = view.members.filter((member) => member.state !== null).length;
  return heard === 0 ? 0 : (view.rates.calls ?? 0) / heard;
}

/** The incident a switch belongs to. Pure. */
import type { SwitchAnswer } from "../../../protocol/api.ts";
import type { IncidentSummary } from "../../../protocol/incident-api.ts";

export interface LinkedIncident {
  readonly number: number;
  /** True when a reason names it; else it is open where the switch is. */
  readonly named: boolean;
}

/** The one that the reason of a change in force names (`#12`), else an open one of a service of the switch. Null: none. */
export function linkedIncident(
  { flips, services }: Pick<SwitchAnswer, "flips" | "services">,
  open: readonly Pick<IncidentSummary, "number" | "services">[],
): LinkedIncident | null {
  for (const { reason } of flips) {
    const number = /(?:^|[\s(])#(\d{1,9})\b/.exec(reason)?.[1];
    if (number !== undefined) return { number: Number(number), named: true };
  }
  const here = open.find((incident) => incident.services.some((service) => services.includes(service)));
  return here === undefined ? null : { number: here.number, named: false };
}

"use client";

import Link from "next/link";
import { linkState, type InstanceState } from "../../../core/fleet.ts";
import { instanceStatus, statusWord, switchedKeys, worst, type Status } from "../../../core/health.ts";
import { plural } from "../../charts/format.ts";
import { Glyph } from "../../components/glyph.tsx";
import { useEnvironment } from "../../frame/environment.tsx";
import { useOpenIncidents } from "../incidents/use-incidents.ts";

export interface ServiceHeadProps {
  readonly service: string;
  readonly instances: readonly InstanceState[];
  readonly now: number;
  /** Of the environment. */
  readonly revision: number;
}

/** Labels that say who looks after a service, first choice first. */
const OWNER_LABELS = ["owner", "team"] as const;

/** Name, state, who owns it, its open incidents, and what of it is switched. */
export function ServiceHead({ service, instances, now, revision }: ServiceHeadProps) {
  const live = instances.filter((instance) => linkState(instance, now) === "live").length;
  const status: Status = worst(instances.map((instance) => instanceStatus(instance, now)));
  const switched = [...new Set(instances.flatMap((instance) => switchedKeys(instance)))];
  const held = Math.max(0, ...instances.map((instance) => instance.policyRevision));
  const versions = [...new Set(instances.flatMap((instance) => (instance.version === undefined ? [] : [instance.version])))];
  const owner = ownerOf(instances);
  return (
    <header className="svc-head">
      <Glyph status={status} size={20} />
      <h1>{service}</h1>
      <span className="svc-word" data-status-word={status}>
        {statusWord(status)}
      </span>
      <IncidentChip service={service} />
      <dl className="svc-head-facts">
        {owner === null ? null : (
          <div>
            <dt>{owner.label}</dt>
            <dd>{owner.names.join(", ")}</dd>
          </div>
        )}
        <div>
          <dt>live</dt>
          <dd data-tone={live < instances.length ? "warning" : "plain"}>
            {live}/{instances.length}
          </dd>
        </div>
        <div>
          <dt>policy</dt>
          <dd title={`The environment is at r${String(revision)}`}>
            r{held}
            {held < revision ? <span className="svc-note"> of r{revision}</span> : null}
          </dd>
        </div>
        {versions.length === 0 ? null : (
          <div>
            <dt>{versions.length === 1 ? "version" : "versions"}</dt>
            <dd>{versions.slice(0, 3).join(", ")}</dd>
          </div>
        )}
      </dl>
      <Link className="hf-button svc-push" data-tone="default" href={`/switchboard?q=${encodeURIComponent(service)}`}>
        {switched.length === 0 ? "Switch features" : plural(switched.length, "feature switched", "features switched")}
      </Link>
    </header>
  );
}

/** Open incidents in which the service is. Nothing while there is none. */
function IncidentChip({ service }: { readonly service: string }) {
  const { environment } = useEnvironment();
  const open = (useOpenIncidents(environment).data ?? []).filter(({ services }) => services.includes(service));
  const [first] = open;
  if (first === undefined) return null;
  return (
    <Link
      className="svc-incident"
      href={open.length === 1 ? `/incidents/${String(first.number)}` : `/incidents?service=${encodeURIComponent(service)}`}
      title={open.map(({ number, title }) => `#${String(number)} ${title}`).join("\n")}
    >
      <Glyph status="open" size={14} />
      {open.length === 1 ? `Incident #${String(first.number)}, SEV${String(first.severity)}` : `${String(open.length)} open incidents`}
    </Link>
  );
}

/** Values of the first label that any instance carries; a service may be moving from one to another. */
export function ownerOf(
  instances: readonly Pick<InstanceState, "labels">[],
): { readonly label: string; readonly names: readonly string[] } | null {
  for (const label of OWNER_LABELS) {
    const names = [...new Set(instances.flatMap(({ labels }) => (labels[label] ? [labels[label]] : [])))].sort();
    if (names.length > 0) return { label, names };
  }
  return null;
}

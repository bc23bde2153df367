import { formatLeft, formatNumber, formatUs } from "../../charts/format.ts";
import { PoolBullet, type Tone } from "../../charts/meters.tsx";
import type { RateSample } from "../../live/rates.ts";
import { Panel } from "../../components/panel.tsx";
import { pointsOf, poolView, type PoolView } from "./flow-view.ts";
import type { ResourceGroup } from "./members.ts";

/** Pools and bulkheads as bullet bars: in use, idle, the limit, and who waits beyond it. */
export function PoolPanel({
  groups,
  samplesOf,
}: {
  readonly groups: readonly ResourceGroup[];
  readonly samplesOf: (key: string) => readonly RateSample[];
}) {
  if (groups.length === 0) return null;
  return (
    <Panel title="Pools" hint="in use, idle; hatched = waiting beyond the limit">
      <ul className="svc-rows">
        {groups.map((group) => {
          const view = poolView(group, (member) => pointsOf(member, samplesOf(member.instance.key)));
          return view === null ? (
            <SilentRow key={`${group.kind} ${group.name}`} name={group.name} />
          ) : (
            <PoolRow key={`${group.kind} ${group.name}`} view={view} kind={group.kind} />
          );
        })}
      </ul>
    </Panel>
  );
}

function PoolRow({ view, kind }: { readonly view: PoolView; readonly kind: string }) {
  const waiting = view.waiting ?? 0;
  const tone: Tone = (view.saturation ?? 0) >= 0.8 || waiting > 0 ? "warning" : "plain";
  const use = `${formatNumber(view.inUse)}${view.max === null ? "" : `/${formatNumber(view.max)}`}`;
  const wait = view.waitP99Us === null ? "" : formatUs(view.waitP99Us);
  return (
    <li className="svc-pool-row">
      <span className="svc-name" title={view.members > 1 ? `worst of ${String(view.members)}: ${view.instance}` : view.instance}>
        {view.name}
        {kind === "bulkhead" ? <span className="svc-note"> bulkhead</span> : null}
        {view.members > 1 && tone !== "plain" ? <span className="svc-note"> {view.instance}</span> : null}
      </span>
      <PoolBullet
        pool={view}
        tone={tone}
        label={`${view.name}: ${use} in use, ${formatNumber(view.idle)} idle, ${formatNumber(waiting)} waiting`}
      />
      <span className="svc-mono svc-right" data-tone={tone}>
        {use}
      </span>
      <span className="svc-note svc-mono svc-right">
        {waiting > 0 ? (
          <b data-tone="warning">{formatNumber(waiting)} wait</b>
        ) : wait === "" && view.max !== null && view.inUse !== null ? (
          `free ${formatNumber(view.max - view.inUse)}`
        ) : null}
        {wait === "" ? null : ` p99 ${wait}`}
        {view.outlook.kind === "fills" ? (
          <b data-tone="warning" title={`at its pace of the last minute: ${view.outlookOf}`}>
            {" "}
            full in {formatLeft(view.outlook.ms)}
          </b>
        ) : view.outlook.kind === "full" ? (
          <b data-tone="warning" title={view.outlookOf}>
            {" "}
            full
          </b>
        ) : null}
      </span>
    </li>
  );
}

export function SilentRow({ name }: { readonly name: string }) {
  return (
    <li className="svc-pool-row">
      <span className="svc-name">{name}</span>
      <span className="svc-note svc-silent">not heard</span>
    </li>
  );
}

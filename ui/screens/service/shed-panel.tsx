import { formatNumber } from "../../charts/format.ts";
import { FlowBar, type FlowPart } from "../../charts/meters.tsx";
import { Panel } from "../../components/panel.tsx";
import { shedView, turnedAway, type TurnedAway } from "./flow-view.ts";
import { valueNow, worstMember, type Rates, type ResourceGroup } from "./members.ts";

/** Where requests went at the door: admitted, turned away by class, limited. Rates of the last ten seconds over all instances. */
export function ShedPanel({
  shedders,
  limiters,
  guards,
  rates,
}: {
  readonly shedders: readonly ResourceGroup[];
  readonly limiters: readonly ResourceGroup[];
  /** Breakers, bulkheads and pools of its own calls. */
  readonly guards: readonly ResourceGroup[];
  readonly rates: Rates;
}) {
  if (shedders.length + limiters.length + guards.length === 0) return null;
  return (
    <Panel title="Where requests went" hint="per second, last 10 s">
      {shedders.map((group) => (
        <Shedder key={group.name} group={group} rates={rates} />
      ))}
      {limiters.map((group) => (
        <Limiter key={group.name} group={group} rates={rates} />
      ))}
      <OwnCalls away={turnedAway(guards, rates)} />
    </Panel>
  );
}

function Shedder({ group, rates }: { readonly group: ResourceGroup; readonly rates: Rates }) {
  const view = shedView(group, rates);
  const parts: readonly FlowPart[] = [
    { name: "ok", word: "admitted", perSecond: view.admitted },
    { name: "shed", word: "shed", perSecond: view.shed },
  ];
  const most = Math.max(...view.classes.map((entry) => entry.shed ?? 0), 0);
  return (
    <div className="svc-flow">
      <p className="svc-flow-head">
        <b>{view.name}</b>
        <span className="svc-note svc-mono">
          {formatNumber(view.inFlight)} in flight{view.limit === null ? "" : `, limit ${formatNumber(view.limit)}`}
        </span>
      </p>
      <FlowBar parts={parts} />
      <FlowLegend parts={parts} />
      <ul className="svc-rows">
        {view.classes.map((entry) => (
          <li key={entry.name} className="svc-class-row">
            <span className="svc-name">{entry.name}</span>
            <span className="ch-meter" aria-hidden="true">
              <span
                className="ch-meter-fill"
                data-tone="warning"
                style={{ width: most > 0 ? `${String(((entry.shed ?? 0) / most) * 100)}%` : "0" }}
              />
            </span>
            <span className="svc-mono svc-right" data-tone={(entry.shed ?? 0) > 0 ? "warning" : "quiet"}>
              {formatNumber(entry.shed)} shed/s
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Limiter({ group, rates }: { readonly group: ResourceGroup; readonly rates: Rates }) {
  const parts: readonly FlowPart[] = [
    { name: "ok", word: "allowed", perSecond: rates.sum(group.members, "allowed") },
    { name: "limited", word: "limited", perSecond: rates.sum(group.members, "limited") },
  ];
  const level = worstMember(group.members, "level");
  const limit = level === null ? null : valueNow(level.member, "limit");
  return (
    <div className="svc-flow">
      <p className="svc-flow-head">
        <b>{group.name}</b>
        <span className="svc-note svc-mono">
          {level === null ? "limiter" : `level ${formatNumber(level.value)}`}
          {limit === null ? "" : ` of ${formatNumber(limit)}`}
        </span>
      </p>
      <FlowBar parts={parts} />
      <FlowLegend parts={parts} />
    </div>
  );
}

/** What became of calls that it makes itself. */
function OwnCalls({ away }: { readonly away: TurnedAway }) {
  const rows: readonly (readonly [string, number | null, string])[] = [
    ["queued for a slot", away.queued, " now"],
    ["short-circuited", away.shortCircuited, "/s"],
    ["no slot left", away.noSlot, "/s"],
    ["answered by a fallback", away.fallback, "/s"],
  ];
  const told = rows.filter(([, value]) => value !== null);
  if (told.length === 0) return null;
  return (
    <div className="svc-flow">
      <p className="svc-flow-head">
        <b>Calls it makes</b>
        <span className="svc-note">all instances</span>
      </p>
      <ul className="svc-rows">
        {told.map(([word, value, unit]) => (
          <li key={word} className="svc-own-row">
            <span>{word}</span>
            <span className="svc-mono svc-right" data-tone={(value ?? 0) > 0 ? "warning" : "quiet"}>
              {formatNumber(value)}
              {unit}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function FlowLegend({ parts }: { readonly parts: readonly FlowPart[] }) {
  return (
    <p className="svc-legend">
      {parts.map((part) => (
        <span key={part.word}>
          <i className={`ch-swatch ch-part-${part.name}`} aria-hidden="true" />
          {part.word} <span className="svc-mono">{formatNumber(part.perSecond)}</span>
        </span>
      ))}
    </p>
  );
}

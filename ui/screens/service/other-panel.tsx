import { formatMs, formatNumber, formatPermille } from "../../charts/format.ts";
import { Panel } from "../../components/panel.tsx";
import { total, valueNow, worstMember, type Rates, type ResourceGroup } from "./members.ts";

/** Everything with one number, and the processes themselves. */
export function OtherPanel({ groups, rates }: { readonly groups: readonly ResourceGroup[]; readonly rates: Rates }) {
  if (groups.length === 0) return null;
  return (
    <Panel title="Other readings" hint="highest instance; counters per second">
      <ul className="svc-rows">
        {groups.map((group) => (
          <li key={`${group.kind} ${group.name}`} className="svc-other-row">
            <span className="svc-name">{group.name}</span>
            <span className="svc-note">{group.kind}</span>
            <span className="svc-mono svc-right">{reading(group, rates)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function reading(group: ResourceGroup, rates: Rates): string {
  const highest = (column: string) => worstMember(group.members, column)?.value ?? null;
  if (group.kind === "counter") return `${formatNumber(rates.sum(group.members, "total"))}/s`;
  if (group.kind === "process") {
    const memory = total(group.members, (member) => valueNow(member, "rssKb"));
    const loop = highest("loopP99Us");
    return `loop ${formatPermille(highest("eluPermille"))} %, p99 ${formatMs(loop === null ? null : loop / 1000)}, ${formatNumber(memory === null ? null : memory / 1024)} MB`;
  }
  return formatNumber(highest("value"));
}

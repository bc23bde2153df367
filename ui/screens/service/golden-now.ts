/** The golden signals of this second. */
import { saturationOf } from "./flow-view.ts";
import { total, valueNow, worstMember, type Member, type Rates, type ResourceGroup } from "./members.ts";

export interface GoldenNow {
  readonly requests: number | null;
  /** Percent. */
  readonly errors: number | null;
  /** Milliseconds, worst instance. */
  readonly p99: number | null;
  /** Percent, fullest pool or bulkhead on any instance. */
  readonly saturation: number | null;
  readonly inFlight: number | null;
  /** Instances heard that serve, and those with errors now. */
  readonly heard: number;
  readonly failing: number;
  /** Those heard whose requests a second are known, and so are in `requests` and `errors`. */
  readonly counted: number;
  readonly slowest: string | null;
  readonly fullest: string | null;
}

const instancesOf = (members: readonly Member[]): number => new Set(members.map(({ instance }) => instance.key)).size;

/** While a sum is of a part: of how many; empty when it is of all. A sum of nothing is unknown, which says enough. */
export const partWords = ({ counted, heard }: Pick<GoldenNow, "counted" | "heard">): string =>
  counted === 0 || counted >= heard ? "" : `${String(counted)} of ${String(heard)} counted`;

export function goldenNow(groups: readonly ResourceGroup[], rates: Rates): GoldenNow {
  const servers = groups.filter((group) => group.kind === "server").flatMap((group) => group.members);
  const requests = rates.sum(servers, "requests");
  const failed = rates.sum(servers, "errors");
  const slowest = worstMember(servers, "p99Us");
  let fullest: { share: number; name: string } | null = null;
  for (const group of groups.filter(({ kind }) => kind === "pool" || kind === "bulkhead")) {
    for (const member of group.members) {
      const share = saturationOf(member);
      if (share !== null && (fullest === null || share > fullest.share)) fullest = { share, name: group.name };
    }
  }
  return {
    requests,
    errors: requests === null || failed === null ? null : requests > 0 ? Math.min(100, (failed / requests) * 100) : 0,
    p99: slowest === null ? null : slowest.value / 1000,
    saturation: fullest === null ? null : fullest.share * 100,
    inFlight: total(servers, (member) => valueNow(member, "inFlight")),
    heard: instancesOf(servers.filter((member) => member.heard)),
    failing: instancesOf(servers.filter((member) => (rates.of(member, "errors") ?? 0) > 0)),
    counted: instancesOf(servers.filter((member) => rates.of(member, "requests") !== null)),
    slowest: slowest === null || servers.length < 2 ? null : slowest.member.instance.instance,
    fullest: fullest?.name ?? null,
  };
}

/** The resources of a service by name, over its instances: what the cards of the service page are made of. */
import { linkState, valueOf, type InstanceState, type ResourceState } from "../../../core/fleet.ts";
import { columnIndex, type Kind } from "../../../protocol/kinds.ts";
import { rateAt, type RateSample } from "../../live/rates.ts";

/** Seconds that the windows of the service page look back. */
export const WINDOW_SECONDS = 10;

/** One instance's part in a resource. */
export interface Member {
  readonly instance: InstanceState;
  readonly resource: ResourceState;
  /** Heard within the last seconds; an old value must not look like a present one. */
  readonly heard: boolean;
}

export interface ResourceGroup {
  readonly kind: Kind;
  readonly name: string;
  readonly target: string | null;
  readonly members: readonly Member[];
}

/** Groups of these kinds, by name. Retired resources are left out. Order of names is stable. */
export function resourceGroups(instances: readonly InstanceState[], kinds: readonly Kind[], now: number): readonly ResourceGroup[] {
  const groups = new Map<string, { kind: Kind; name: string; target: string | null; members: Member[] }>();
  for (const instance of instances) {
    const heard = linkState(instance, now) === "live";
    for (const resource of instance.resources) {
      if (resource.retired === true || !kinds.includes(resource.kind)) continue;
      const key = `${resource.kind} ${resource.name}`;
      let group = groups.get(key);
      if (!group) groups.set(key, (group = { kind: resource.kind, name: resource.name, target: null, members: [] }));
      group.target ??= resource.target ?? null;
      group.members.push({ instance, resource, heard });
    }
  }
  return [...groups.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Value now; null when unknown or when the instance is not heard. */
export function valueNow(member: Member, column: string): number | null {
  return member.heard ? valueOf(member.instance, member.resource, column) : null;
}

/** The highest value over the instances and who has it: the honest summary of a percentile. */
export function worstMember(members: readonly Member[], column: string): { readonly value: number; readonly member: Member } | null {
  let worst: { value: number; member: Member } | null = null;
  for (const member of members) {
    const value = valueNow(member, column);
    if (value !== null && (worst === null || value > worst.value)) worst = { value, member };
  }
  return worst;
}

/** Sum of what is known; null when nothing is. */
export function total(members: readonly Member[], read: (member: Member) => number | null): number | null {
  return members.reduce<number | null>((sum, member) => {
    const value = read(member);
    return value === null ? sum : (sum ?? 0) + value;
  }, null);
}

export interface Rates {
  /** Growth a second of a counter on one instance. */
  of(member: Member, column: string): number | null;
  /** Over all instances of a group. */
  sum(members: readonly Member[], column: string): number | null;
}

/** Rates over the window, from the rows this browser has seen pass. */
export function ratesFrom(samplesOf: (key: string) => readonly RateSample[]): Rates {
  const of = (member: Member, column: string): number | null => {
    const index = columnIndex(member.resource.kind, column);
    return member.heard && index >= 0
      ? rateAt(samplesOf(member.instance.key), member.resource.offset + index, WINDOW_SECONDS * 1000)
      : null;
  };
  return { of, sum: (members, column) => total(members, (member) => of(member, column)) };
}

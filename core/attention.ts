/** What needs a person, worst first and without jitter. Pure; the clock is passed in. */
import { linkState, valueOf, type InstanceState } from "./fleet.ts";
import { isSwitched, severity, switchedKeys, troublesOf, type Status, type Trouble } from "./health.ts";
import type { LinkState } from "../protocol/live.ts";

export interface AttentionItem {
  /** Stable identity: the same trouble keeps its key while it lasts. */
  readonly key: string;
  readonly status: Status;
  readonly service: string;
  /** What it is about: "orders → payments", "catalog · db", "images-2". */
  readonly title: string;
  /** One sentence with the number, the limit and how many. */
  readonly text: string;
  /** Figure at the end of the title line, or empty. */
  readonly figure: string;
  /** How much it matters within its status: instances concerned. */
  readonly weight: number;
}

interface Group {
  readonly instance: InstanceState;
  readonly members: InstanceState[];
}

/** An instance with what was found of it at a moment. */
export interface Watched {
  readonly instance: InstanceState;
  readonly link: LinkState;
  readonly troubles: readonly Trouble[];
  /** Calls it sheds a second, from whoever keeps rates. */
  readonly shed: number;
}

/** Looks at an instance; `shed` is told of those that are heard only. */
export function watched(instance: InstanceState, now: number, shed: number): Watched {
  return { instance, link: linkState(instance, now), troubles: troublesOf(instance), shed };
}

/** Everything out of order, unranked. */
export function attention(fleet: readonly Watched[], now: number): readonly AttentionItem[] {
  const live = fleet.filter(({ link }) => link === "live");
  const instances = live.map(({ instance }) => instance);
  return [...absent(fleet, now), ...resources(live), ...switches(instances), ...shedding(live)];
}

function seconds(ms: number): string {
  const whole = Math.max(0, Math.round(ms / 1000));
  return whole < 90 ? `${whole} s` : whole < 5400 ? `${Math.round(whole / 60)} min` : `${Math.round(whole / 3600)} h`;
}

function absent(fleet: readonly Watched[], now: number): AttentionItem[] {
  return fleet.flatMap(({ instance, link }) => {
    if (link === "live" || (link === "offline" && instance.left)) return [];
    const heard = instance.lastFrameAt;
    const age = heard === null ? "" : seconds(now - heard);
    const text =
      link === "stale"
        ? `No frame for ${age}. Values shown are old.`
        : heard === null
          ? "Known from before; not heard since the console started."
          : `Gone for ${age}, without goodbye. It keeps policy r${instance.policyRevision}.`;
    return [
      { key: `link:${instance.key}`, status: link, service: instance.service, title: instance.instance, text, figure: age, weight: 1 },
    ];
  });
}

function resources(live: readonly Watched[]): AttentionItem[] {
  const groups = new Map<string, Group & { status: Status; name: string; kind: string }>();
  const sizes = new Map<string, number>();
  for (const { instance, troubles } of live) {
    sizes.set(instance.service, (sizes.get(instance.service) ?? 0) + 1);
    for (const { resource, status } of troubles) {
      const key = `${resource.kind}:${instance.service}:${resource.name}:${status}`;
      const group = groups.get(key);
      if (group) group.members.push(instance);
      else groups.set(key, { instance, members: [instance], status, name: resource.name, kind: resource.kind });
    }
  }
  return [...groups].map(([key, group]) => {
    const { instance, members, status, name, kind } = group;
    const of = `${members.length} of ${sizes.get(instance.service) ?? members.length}`;
    const { text, figure } = kind === "breaker" ? breakerWords(members, name, { status, of }) : poolWords(members, name, { kind, of });
    return {
      key,
      status,
      service: instance.service,
      title: kind === "breaker" ? `${instance.service} → ${name}` : `${instance.service} · ${name} ${kind}`,
      text,
      figure,
      weight: members.length,
    };
  });
}

function worstValue(members: readonly InstanceState[], name: string, column: string): number | null {
  let found: number | null = null;
  for (const instance of members) {
    const resource = instance.resources.find((candidate) => candidate.name === name && valueOf(instance, candidate, column) !== null);
    const value = resource ? valueOf(instance, resource, column) : null;
    if (value !== null && (found === null || value > found)) found = value;
  }
  return found;
}

function breakerWords(
  members: readonly InstanceState[],
  name: string,
  { status, of }: { status: Status; of: string },
): { text: string; figure: string } {
  const failures = worstValue(members, name, "failurePermille");
  const probe = worstValue(members, name, "nextProbeMs");
  const share = failures === null ? "" : ` ${(failures / 10).toFixed(0)} % failures.`;
  switch (status) {
    case "open":
      return { text: `Open on ${of}.${share}${probe === null ? "" : ` Probe in ${seconds(probe)}.`}`, figure: of };
    case "half_open":
      return { text: `Half-open on ${of}: probing.`, figure: of };
    case "forced":
      return { text: `Held by hand on ${of}.`, figure: of };
    default:
      return { text: `Near its limit on ${of}.${share}`, figure: failures === null ? of : `${(failures / 10).toFixed(0)} %` };
  }
}

function poolWords(
  members: readonly InstanceState[],
  name: string,
  { kind, of }: { kind: string; of: string },
): { text: string; figure: string } {
  if (kind === "queue") {
    const depth = worstValue(members, name, "depth") ?? 0;
    const capacity = worstValue(members, name, "capacity") ?? 0;
    return { text: `${depth} waiting of ${capacity}, on ${of}.`, figure: `${depth}/${capacity}` };
  }
  const inUse = worstValue(members, name, "inUse") ?? 0;
  const max = worstValue(members, name, "max") ?? 0;
  const waiting = worstValue(members, name, "waiting") ?? 0;
  return { text: waiting > 0 ? `${waiting} waiting on the worst of ${of}.` : `Nobody waits yet, on ${of}.`, figure: `${inUse}/${max}` };
}

function switches(live: readonly InstanceState[]): AttentionItem[] {
  const groups = new Map<string, Group & { title: string; position: string; lose: string; total: number }>();
  for (const instance of live) {
    if (!isSwitched(instance)) continue;
    for (const key of switchedKeys(instance)) {
      const declared = instance.switches.find((entry) => entry.key === key);
      if (!declared) continue;
      const group = groups.get(`${key}:${declared.position}`);
      if (group) group.members.push(instance);
      else
        groups.set(`${key}:${declared.position}`, {
          instance,
          members: [instance],
          title: declared.title,
          position: declared.position,
          lose: declared.whatUsersLose,
          total: live.filter((candidate) => candidate.switches.some((entry) => entry.key === key)).length,
        });
    }
  }
  return [...groups].map(([key, group]) => ({
    key: `switch:${key}`,
    status: "switched" as const,
    service: group.instance.service,
    title: group.title,
    text: `${group.position}: ${group.lose}`,
    figure: `${group.members.length}/${group.total}`,
    weight: group.members.length,
  }));
}

function shedding(live: readonly Watched[]): AttentionItem[] {
  const services = new Map<string, { shed: number; instances: number }>();
  for (const { instance, shed } of live) {
    if (shed < 0.5) continue;
    const entry = services.get(instance.service) ?? { shed: 0, instances: 0 };
    services.set(instance.service, { shed: entry.shed + shed, instances: entry.instances + 1 });
  }
  return [...services].map(([service, { shed, instances }]) => ({
    key: `shed:${service}`,
    status: "warning" as const,
    service,
    title: service,
    text: `Sheds load on ${instances} ${instances === 1 ? "instance" : "instances"}.`,
    figure: `${Math.round(shed)}/s shed`,
    weight: instances,
  }));
}

/** A rank must hold this long before the order on screen follows. */
export const HOLD_MS = 5000;

interface Held {
  item: AttentionItem;
  /** When it was first out of place. */
  challengedAt: number | null;
}

/**
 * Keeps the shown order calm: what is gone leaves at once, what is new enters at its rank, and what is there moves only when its new
 * rank has held for five seconds.
 */
export class AttentionRanking {
  #shown: Held[] = [];

  update(items: readonly AttentionItem[], now: number): readonly AttentionItem[] {
    const byKey = new Map(items.map((item) => [item.key, item]));
    const kept = this.#shown.filter((held) => byKey.has(held.item.key));
    for (const held of kept) held.item = byKey.get(held.item.key) ?? held.item;
    const known = new Set(kept.map((held) => held.item.key));
    for (const item of [...items].sort(byRank)) {
      if (known.has(item.key)) continue;
      const at = kept.findIndex((held) => byRank(item, held.item) < 0);
      kept.splice(at < 0 ? kept.length : at, 0, { item, challengedAt: null });
    }
    const wanted = kept.map((held) => held.item).sort(byRank);
    kept.forEach((held, index) => {
      if (wanted[index]?.key === held.item.key) held.challengedAt = null;
      else held.challengedAt ??= now;
    });
    const due = kept.some((held) => held.challengedAt !== null && now - held.challengedAt >= HOLD_MS);
    this.#shown = due ? [...kept].sort((a, b) => byRank(a.item, b.item)).map((held) => ({ item: held.item, challengedAt: null })) : kept;
    return this.#shown.map((held) => held.item);
  }
}

/** An open breaker before a lost instance: it hurts users now. Then by severity, weight, name. */
function byRank(a: AttentionItem, b: AttentionItem): number {
  const level = (item: AttentionItem): number => (item.status === "open" ? 100 : severity(item.status));
  return level(b) - level(a) || b.weight - a.weight || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

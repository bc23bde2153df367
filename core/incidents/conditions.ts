/**
 * What events say of things that can be bad: breakers, pools, instances. Events may come in any order and more than once; the outcome
 * depends only on which there were.
 */
import type { TriggerName } from "../../protocol/incident-rule-api.ts";
import type { Kind } from "../../protocol/kinds.ts";
import type { LoggedEvent } from "../../protocol/live.ts";
import { badsOf, byTime, type Bad, type Mark } from "./bads.ts";

/** One thing that can be bad, over all instances of its service. */
export interface Subject {
  readonly on: TriggerName;
  readonly service: string;
  readonly resource: { readonly kind: Kind; readonly name: string } | null;
}

export const subjectKey = ({ on, service, resource }: Subject): string =>
  JSON.stringify(resource === null ? [on, service] : [on, service, resource.kind, resource.name]);

/** A subject with what each instance had. */
export interface Condition {
  readonly subject: Subject;
  readonly instances: ReadonlyMap<string, readonly Bad[]>;
}

/** Families of event types that say anything here, as prefixes. */
export const CONDITION_EVENTS = ["breaker.", "pool.", "agent."] as const;

type Said = Pick<LoggedEvent, "id" | "at" | "type" | "service" | "instance" | "resource" | "data">;

/** Turns bad, or good. Half-open is still bad; what a person forces is no failure. */
const MARKS: Readonly<Record<string, readonly [on: TriggerName, bad: boolean]>> = {
  "breaker.opened": ["breaker_open", true],
  "breaker.closed": ["breaker_open", false],
  "breaker.forced_open": ["breaker_open", false],
  "breaker.forced_closed": ["breaker_open", false],
  "breaker.disabled": ["breaker_open", false],
  "pool.saturated": ["pool_saturated", true],
  "pool.recovered": ["pool_saturated", false],
};

interface Kept {
  readonly subject: Subject;
  readonly marks: Map<string, Mark[]>;
}

export class ConditionLog {
  readonly #subjects = new Map<string, Kept>();
  /** Ends of processes: what they had is over. */
  readonly #ends = new Map<string, Mark[]>();

  /** True when the event said something new. */
  add(event: Said): boolean {
    const { service, instance, resource, type } = event;
    if (service === null || instance === null) return false;
    const own = MARKS[type];
    if (own !== undefined) return resource !== null && this.#mark({ on: own[0], service, resource }, instance, markOf(event, own[1]));
    if (type === "agent.started") return this.#end(service, instance, markOf(event, false));
    if (type === "agent.joined") return this.#mark(lost(service), instance, markOf(event, false));
    if (type !== "agent.left") return false;
    const gone = event.data["reason"] === "lost";
    const ended = !gone && this.#end(service, instance, markOf(event, false));
    return this.#mark(lost(service), instance, markOf(event, gone)) || ended;
  }

  *all(): Generator<Condition> {
    for (const { subject, marks } of this.#subjects.values()) {
      const instances = new Map<string, readonly Bad[]>();
      for (const [instance, own] of marks) {
        const ends = subject.on === "agents_lost" ? undefined : this.#ends.get(instanceId(subject.service, instance));
        const bads = badsOf(ends === undefined ? own : [...own, ...ends].sort(byTime));
        if (bads.length > 0) instances.set(instance, bads);
      }
      if (instances.size > 0) yield { subject, instances };
    }
  }

  /** Forgets what was over before. */
  prune(before: number): void {
    const live = new Set<string>();
    const services = new Set<string>();
    for (const { subject, instances } of this.all()) {
      if ([...instances.values()].every((bads) => bads.every(({ to }) => to !== null && to < before))) continue;
      live.add(subjectKey(subject));
      services.add(subject.service);
    }
    const old = (marks: readonly Mark[]): boolean => (marks.at(-1)?.at ?? 0) < before;
    for (const [key, { subject, marks }] of this.#subjects) {
      if (live.has(key)) continue;
      if ([...marks.values()].every(old)) this.#subjects.delete(key);
      else services.add(subject.service);
    }
    for (const [id, ends] of this.#ends) if (old(ends) && !services.has(id.slice(0, id.indexOf("/")))) this.#ends.delete(id);
  }

  #mark(subject: Subject, instance: string, mark: Mark): boolean {
    const key = subjectKey(subject);
    let kept = this.#subjects.get(key);
    if (!kept) {
      // Good news of something never heard of is no news; it becomes some when older bad news follows, so it is kept all the same.
      kept = {
        subject: { ...subject, resource: subject.resource && { kind: subject.resource.kind, name: subject.resource.name } },
        marks: new Map(),
      };
      this.#subjects.set(key, kept);
    }
    return insert(kept.marks, instance, mark);
  }

  #end(service: string, instance: string, mark: Mark): boolean {
    return insert(this.#ends, instanceId(service, instance), mark);
  }
}

const lost = (service: string): Subject => ({ on: "agents_lost", service, resource: null });
const markOf = ({ at, id }: Said, bad: boolean): Mark => ({ at, order: id, bad });
const instanceId = (service: string, instance: string): string => `${service}/${instance}`;

/** Marks of one instance that are kept; a breaker that flaps more often than this within the time kept loses its oldest. */
const MARKS_MOST = 5_000;

function insert(lists: Map<string, Mark[]>, key: string, mark: Mark): boolean {
  const list = lists.get(key);
  if (!list) {
    lists.set(key, [mark]);
    return true;
  }
  let index = list.length;
  while (index > 0 && byTime(list[index - 1] as Mark, mark) > 0) index--;
  if (list[index - 1]?.order === mark.order) return false;
  list.splice(index, 0, mark);
  if (list.length > MARKS_MOST) list.shift();
  return true;
}

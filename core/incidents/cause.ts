/**
 * The order of a cascade: by first departure from normal, but what lies beyond a call before the caller that noticed it. Said in words;
 * a person's verdict stands above all.
 */
import type { CauseMark, Edge, Suspect, Symptom } from "../../protocol/incident-api.ts";
import { isolated } from "../isolated.ts";
import { Paths } from "./paths.ts";
import { actorName, counted, lasting, listed, symptomTitle } from "./words.ts";

/** Something people did shortly before: a deploy, a change of policy, a drill. */
export interface ChangeBefore {
  readonly at: number;
  readonly service: string | null;
  readonly title: string;
}

export interface CascadeFacts {
  readonly symptoms: readonly Symptom[];
  readonly edges: readonly Edge[];
  readonly marks: Readonly<Record<string, CauseMark>>;
  readonly changes: readonly ChangeBefore[];
}

/** A caller may notice this long before what it calls says so itself. */
const NOTICE_MS = 30_000;
/** A change this long before a departure may have to do with it. */
const CHANGE_MS = 10 * 60_000;

interface Node {
  readonly symptom: Symptom;
  readonly at: number;
  readonly mark: CauseMark | null;
}

/** Most probable cause first. */
export function cascadeOf(facts: CascadeFacts): Suspect[] {
  const paths = new Paths(facts.edges);
  const nodes: Node[] = facts.symptoms.map((symptom) => ({
    symptom,
    at: symptom.spans[0]?.from ?? Infinity,
    mark: Object.hasOwn(facts.marks, symptom.key) ? (facts.marks[symptom.key] ?? null) : null,
  }));
  const of = (verdict: CauseMark["verdict"]): Node[] => nodes.filter(({ mark }) => mark?.verdict === verdict).sort(byDeparture);
  const open = inOrder(
    nodes.filter(({ mark }) => mark === null),
    paths,
  );
  const order = [...of("cause"), ...open, ...of("not_cause")];
  const stated = order.some(({ mark }) => mark?.verdict === "cause");
  return order.map((node) => describe(node, { order, open, stated, paths, changes: facts.changes }));
}

const byDeparture = (a: Node, b: Node): number => a.at - b.at || (a.symptom.key < b.symptom.key ? -1 : 1);

/** The far side of a symptom lies at the other, or beyond it; not both ways round. */
function liesBeyond(caller: Symptom, other: Symptom, paths: Paths): boolean {
  return dependsOn(caller, other, paths) && !dependsOn(other, caller, paths);
}

function dependsOn(caller: Symptom, other: Symptom, paths: Paths): boolean {
  if (caller.key === other.key) return false;
  if (caller.service === other.service) return caller.target === null && other.target !== null;
  return paths.reaches(caller.target ?? caller.service, other.service);
}

/** Repeatedly the earliest of those whose own dependencies have been placed already. */
function inOrder(nodes: readonly Node[], paths: Paths): Node[] {
  const waiting = new Set([...nodes].sort(byDeparture));
  const order: Node[] = [];
  while (waiting.size > 0) {
    const all = [...waiting];
    const held = (node: Node): boolean =>
      all.some((other) => other.at <= node.at + NOTICE_MS && liesBeyond(node.symptom, other.symptom, paths));
    // In a circle of calls everything is held: the earliest then goes first.
    const next = all.find((node) => !held(node)) ?? all[0];
    if (!next) break;
    waiting.delete(next);
    order.push(next);
  }
  return order;
}

interface Around {
  readonly order: readonly Node[];
  /** Without a verdict, in order. */
  readonly open: readonly Node[];
  readonly stated: boolean;
  readonly paths: Paths;
  readonly changes: readonly ChangeBefore[];
}

function describe(node: Node, around: Around): Suspect {
  const { symptom, at, mark } = node;
  const { key, service, target } = symptom;
  const base = { key, title: symptomTitle(symptom), service, target, at, mark };
  const reasons = reasonsOf(node, around);
  if (mark !== null) {
    const words = mark.verdict === "cause" ? "Marked as a cause" : "Marked as not the cause";
    return {
      ...base,
      confidence: mark.verdict === "cause" ? "stated" : "ruled_out",
      reasons: [`${words} by ${actorName(mark.by)}`, ...reasons],
    };
  }
  return { ...base, confidence: confidenceOf(node, around), reasons };
}

function confidenceOf(node: Node, { order, open, stated, paths, changes }: Around): Suspect["confidence"] {
  const [first] = open;
  const others = order.filter((other) => other !== node);
  const behind = others.filter((other) => liesBeyond(node.symptom, other.symptom, paths) && other.at <= node.at + NOTICE_MS);
  if (first !== node || stated) return behind.length > 0 || node.at - (first?.at ?? node.at) > NOTICE_MS ? "unlikely" : "possible";
  const followers = others.filter((other) => isBehind(node, other, paths));
  const earliest = others.every((other) => node.at <= other.at);
  if (others.length > 0 && followers.length * 2 >= others.length && (earliest || followers.length === others.length)) return "likely";
  return changeBefore(node, changes) === null ? "possible" : "likely";
}

/** The other has this, or what this points at, on its far side. */
function isBehind(node: Node, other: Node, paths: Paths): boolean {
  return liesBeyond(other.symptom, node.symptom, paths);
}

function reasonsOf(node: Node, { order, paths, changes }: Around): string[] {
  const { symptom, at } = node;
  const others = order.filter((other) => other !== node);
  const reasons: string[] = [];
  if (others.length === 0) reasons.push("The only thing that departed from normal");
  else reasons.push(whenOf(node, others));

  const noticed = others.filter((other) => isBehind(node, other, paths) && other.at < at && at <= other.at + NOTICE_MS).sort(byDeparture);
  const [early] = noticed;
  if (early)
    reasons.push(
      `Put before ${symptomTitle(early.symptom)}, which departed ${lasting(at - early.at)} earlier: a caller often notices what it calls first`,
    );
  const followers = others.filter((other) => isBehind(node, other, paths));
  if (followers.length > 0)
    reasons.push(
      `${followers.length === others.length ? (others.length === 1 ? "The other" : `All ${others.length} others`) : `${followers.length} of ${counted(others.length, "other")}`} ${followers.length === 1 ? "depends" : "depend"} on it: ${listed(followers.map((other) => symptomTitle(other.symptom)))}`,
    );
  const peers = others.filter(
    (other) => symptom.target !== null && other.symptom.target === symptom.target && other.symptom.service !== symptom.service,
  );
  if (peers.length > 0)
    reasons.push(
      `${symptom.target ?? ""} also troubles ${listed([...new Set(peers.map((other) => other.symptom.service))])}: it lies on their far side, too`,
    );
  const behind = others.filter((other) => liesBeyond(symptom, other.symptom, paths)).sort(byDeparture);
  const [cause] = behind.filter((other) => other.at <= at + NOTICE_MS);
  if (cause)
    reasons.push(
      `Depends on ${isolated(cause.symptom.service)}, where ${symptomTitle(cause.symptom)} departed ${cause.at <= at ? `${lasting(at - cause.at)} before` : `${lasting(cause.at - at)} after`}`,
    );
  else if (others.length > 0) reasons.push("Nothing it depends on had departed from normal by then");
  const change = changeBefore(node, changes);
  if (change) reasons.push(`${lasting(at - change.at)} before: ${change.title}`);
  if (symptom.instances.length > 0) reasons.push(`On ${counted(symptom.instances.length, "instance")}`);
  return reasons;
}

function whenOf(node: Node, others: readonly Node[]): string {
  const [next] = [...others].sort(byDeparture);
  const gap = (next?.at ?? node.at) - node.at;
  if (gap > 0) return `First to depart from normal, ${lasting(gap)} before ${others.length === 1 ? "the other" : "the next"}`;
  return gap === 0 ? "Departed from normal together with the first" : `Departed from normal ${lasting(-gap)} after the first`;
}

/** The last change that is about the symptom's service, its far side, or everything. */
function changeBefore({ symptom, at }: Node, changes: readonly ChangeBefore[]): ChangeBefore | null {
  const about = changes.filter(
    (change) =>
      change.at <= at &&
      at - change.at <= CHANGE_MS &&
      (change.service === null || change.service === symptom.service || change.service === symptom.target),
  );
  return about.sort((a, b) => b.at - a.at)[0] ?? null;
}

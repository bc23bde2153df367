/** What the map says in words and figures; drawing and list say the same. Pure. */
import type { EdgePart, MapEdge, MapNode } from "../../../core/dependency-map.ts";
import { statusWord } from "../../../core/health.ts";
import { formatNumber, formatPermille, plural, UNKNOWN } from "../../charts/format.ts";
import { formatDuration } from "../../components/duration.ts";
import { isolated } from "../../../core/isolated.ts";

/** "open on 2 of 3"; one word when all agree; "stale, 2 callers silent" when nobody is heard. */
export function edgeWords(edge: MapEdge): string {
  if (edge.heard === 0) return `${statusWord(edge.status)}, ${plural(edge.callers, "caller")} silent`;
  const part = worstPart(edge);
  const of = part === undefined || edge.status === "closed" || part.inStatus === part.heard ? "" : ` on ${part.inStatus} of ${part.heard}`;
  const silent = edge.callers - edge.heard;
  return `${edgeWord(edge)}${of}${silent === 0 ? "" : `, ${silent} not heard`}`;
}

/** The same for the little room beside an edge: "open 2/3". Empty when all is well. */
export function edgeLabel(edge: MapEdge): string {
  const part = worstPart(edge);
  if (edge.status === "closed" || part === undefined) return "";
  return part.heard > 1 ? `${statusWord(edge.status)} ${part.inStatus}/${part.heard}` : statusWord(edge.status);
}

/** A pool near its limit is no open breaker: its warning names it. */
function edgeWord(edge: MapEdge): string {
  const part = worstPart(edge);
  return edge.status === "warning" && part !== undefined && part.kind !== "breaker" ? `${part.kind} near limit` : statusWord(edge.status);
}

function worstPart(edge: MapEdge): EdgePart | undefined {
  return edge.parts.find((part) => part.status === edge.status && (part.heard > 0 || edge.heard === 0));
}

/** "breaker payments, retry payments"; names once, at most three. */
export function throughWords(edge: MapEdge): string {
  const names = [...new Set(edge.parts.map((part) => `${part.kind} ${isolated(part.name)}`))];
  return names.length <= 3 ? names.join(", ") : `${names.slice(0, 2).join(", ")} and ${names.length - 2} more`;
}

export function perSecond(rate: number | null): string {
  return rate === null ? UNKNOWN : `${formatNumber(rate)}/s`;
}

/** Failures among the calls, in per cent. */
export function failing(of: { readonly calls: number | null; readonly failures: number | null }): string {
  return of.calls === null || of.failures === null || of.calls === 0 ? UNKNOWN : `${formatPermille((of.failures / of.calls) * 1000)} %`;
}

/** "open 2/3", "stale 8 s", "warning in 2 of 5". */
export function nodeWords(node: MapNode, now: number): string {
  const word = statusWord(node.status);
  switch (node.kind) {
    case "outside":
      return word;
    case "group":
      return node.status === "closed" ? word : `${word} in ${node.inStatus} of ${node.members}`;
    case "service": {
      if (node.live === 0 && node.heardAt !== null) return `${word} ${formatDuration(now - node.heardAt)}`;
      return node.status === "closed" || node.inStatus === node.instances ? word : `${word} ${node.inStatus}/${node.instances}`;
    }
  }
}

/** A name in the room that a node has. */
export function shortened(name: string, longest: number): string {
  return name.length <= longest ? name : `${name.slice(0, longest - 1)}…`;
}

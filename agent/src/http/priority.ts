/**
 * Four classes of criticality. They travel in W3C baggage, which everyone forwards unchanged; at the edge nobody outside can claim one:
 * there the browser's own `Priority` (RFC 9218) counts, and never reaches "critical".
 */
import { PRIORITY_CLASSES, type PriorityClass } from "../../../protocol/kinds.ts";
import { callContext, runCall, type Priority } from "./context.ts";
import { headerText, type HeaderReader } from "./headers.ts";

const MEMBER = "holdfast.priority";

/** The class of the current call; undefined when nobody said. */
export function currentPriority(): PriorityClass | undefined {
  const { priority } = callContext();
  return priority === undefined ? undefined : PRIORITY_CLASSES[priority];
}

/** Runs `fn` as a call of this class. */
export function withPriority<T>(name: PriorityClass, fn: () => T): T {
  return runCall({ ...callContext(), priority: priorityIndex(name) ?? callContext().priority }, fn);
}

/** Undefined for what is no class. */
export function priorityIndex(name: string | undefined): Priority | undefined {
  const index = PRIORITY_CLASSES.indexOf(name as PriorityClass);
  return index < 0 ? undefined : (index as Priority);
}

/** The class in a baggage header. Of several the lowest: a second member cannot raise a call. */
export function readBaggage(headers: HeaderReader): Priority | undefined {
  let lowest: Priority | undefined;
  for (const member of members(headerText(headers.get("baggage")))) {
    if (!isOurs(member)) continue;
    const index = priorityIndex(
      member
        .slice(member.indexOf("=") + 1)
        .replace(/;.*/s, "")
        .trim(),
    );
    if (index !== undefined && (lowest === undefined || index < lowest)) lowest = index;
  }
  return lowest;
}

/** The baggage header with this class instead of what it said; null when nothing is left of it. */
export function writeBaggage(existing: string, priority: Priority | undefined): string | null {
  const kept = members(existing).filter((member) => !isOurs(member));
  if (priority !== undefined) kept.push(`${MEMBER}=${PRIORITY_CLASSES[priority]}`);
  return kept.length === 0 ? null : kept.join(",");
}

/** RFC 9218 urgency: 0 and 1 are high, 2 to 4 medium (3 is the default of the RFC), 5 to 7 low. */
export function readUrgency(headers: HeaderReader): Priority | undefined {
  const digit = /(?:^|,)[ \t]*u=([0-7])[ \t]*(?:$|[,;])/.exec(headerText(headers.get("priority")))?.[1];
  if (digit === undefined) return undefined;
  return digit < "2" ? 2 : digit < "5" ? 1 : 0;
}

function members(text: string): string[] {
  return text.split(",").filter((member) => member.trim() !== "");
}

function isOurs(member: string): boolean {
  return member.split(/[=;]/, 1)[0]?.trim() === MEMBER;
}

/** Things that are many resources, known only as they appear: origins of an undici Agent, nodes of a Redis cluster. */
import type { Kind } from "../../../protocol/kinds.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import { cleanText } from "../clean.ts";
import type { Cells } from "../telemetry/columns.ts";
import type { Data } from "../types.ts";

/** Members shown for one thing; a crawler must not fill the dictionary. */
export const MAX_MEMBERS = 20;

export interface Family<T extends object = object> {
  readonly kind: Kind;
  readonly source: string;
  recognises(thing: object): thing is T;
  /** Members now. "" is the thing itself. */
  members(thing: T): readonly string[];
  /** False: this member is gone. */
  read(thing: T, member: string, cells: Cells, settings: Data): boolean;
}

/** Resource name of a member: the given name and the host it talks to. */
export function memberName(name: string, member: string): string {
  const host = member.replace(/^[a-z]+:\/\//, "");
  return cleanText(`${name} ${host}`, LIMITS.nameChars).trim();
}

/** undici Agent: a pool for each origin it talks to, found as they appear. */
import { cleanText } from "../clean.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import { field, hasFunctions } from "./adapter.ts";
import { isStats, type UndiciStats } from "./undici-pool.ts";

/** Origins shown for one Agent; a crawler must not fill the dictionary. */
export const MAX_ORIGINS = 20;

export interface UndiciAgent {
  readonly stats: Readonly<Record<string, UndiciStats>>;
}

/** `stats` of an Agent is a record by origin, empty before the first request. */
export function isUndiciAgent(thing: object): thing is UndiciAgent {
  if (!hasFunctions(thing, "dispatch", "request", "close")) return false;
  const stats = field(thing, "stats");
  return typeof stats === "object" && stats !== null && !isStats(stats) && Object.values(stats).every(isStats);
}

/** Resource name of an origin: the given name and the host it talks to. */
export function originName(name: string, origin: string): string {
  const host = origin.replace(/^[a-z]+:\/\//, "");
  return cleanText(`${name} ${host}`, LIMITS.nameChars).trim();
}

/** Incidents in words. Names are those of the fleet; times are UTC. */
import type { Symptom } from "../../protocol/incident-api.ts";
import type { TriggerName } from "../../protocol/incident-rule-api.ts";
import { isolated } from "../isolated.ts";

/** What a person reads of a duration: 4 s, 3 min, 2 h 05 min, 3 d 4 h. */
export function lasting(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export const utc = (at: number): string => new Date(at).toISOString().slice(0, 19).replace("T", " ");

/** 1 instance, 4 instances, 12,000 calls. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${Math.round(count).toLocaleString("en-US")} ${count === 1 ? one : many}`;
}

/** a; a and b; a, b and c; a, b and 4 more. */
export function listed(names: readonly string[], most = 3): string {
  if (names.length === 0) return "";
  const shown = names.length > most ? names.slice(0, most - 1) : names;
  const rest = names.length > most ? [`${names.length - shown.length} more`] : [];
  const all = [...shown, ...rest];
  return all.length === 1 ? (all[0] ?? "") : `${all.slice(0, -1).join(", ")} and ${all.at(-1) ?? ""}`;
}

/** `user:ada` is ada to a reader. */
export function actorName(actor: string): string {
  if (actor === "system") return "the console";
  const cut = actor.indexOf(":");
  return cut < 0 ? actor : actor.startsWith("token:") ? `${actor.slice(cut + 1)} (token)` : actor.slice(cut + 1);
}

const WHAT: Readonly<Record<TriggerName, string>> = {
  breaker_open: "breaker open",
  pool_saturated: "pool full",
  shed: "sheds load",
  agents_lost: "instances lost",
  error_budget: "burns its error budget",
};

type Named = Pick<Symptom, "on" | "service" | "resource" | "target">;

/** "orders → payments: breaker open", "orders: pool orders-db full", "search sheds load". */
export function symptomTitle({ on, service, resource, target }: Named): string {
  const who = isolated(service);
  if (resource === null) return on === "agents_lost" ? `${who}: instances lost` : `${who} ${WHAT[on]}`;
  const name = isolated(resource.name);
  if (on === "breaker_open" && target !== null)
    return `${who} → ${isolated(target)}: breaker${resource.name === target ? "" : ` ${name}`} open`;
  return `${who}: ${resource.kind} ${name} ${on === "pool_saturated" ? "full" : "open"}`;
}

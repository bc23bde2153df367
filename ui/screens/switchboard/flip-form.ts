/** The flip a person is about to make: what is chosen, what is missing, and the request it becomes. */
import type { FlipRequest, SwitchAnswer } from "../../../protocol/api.ts";

/** A drill is short, and afterwards the switch counts as proven. */
export type Expiry = "drill" | "15m" | "1h" | "4h" | "none";
export type ScopeKind = "fleet" | "service" | "percentage" | "instances";

export interface FlipForm {
  readonly position: string;
  readonly reason: string;
  readonly expiry: Expiry;
  readonly scope: ScopeKind;
  readonly service: string;
  readonly percentage: number;
  readonly instances: readonly string[];
  /** Chosen before the preview and sent with the flip, so that a share hits exactly the instances that were shown. */
  readonly flipId: string;
}

export const EXPIRY_SECONDS: Readonly<Record<Expiry, number | null>> = { drill: 120, "15m": 900, "1h": 3600, "4h": 14_400, none: null };

export const REASON_MIN = 3;
export const REASON_MAX = 500;

/** The other position of a two-position switch; null when there is a choice to make. */
export function firstPosition(entry: SwitchAnswer): string | null {
  const others = entry.positions.filter((position) => position !== entry.desired);
  return others.length === 1 ? (others[0] ?? null) : null;
}

/** Nothing is chosen that acts, except the shorter way: an hour, the whole fleet, the other position of a two-position switch. */
export function emptyForm(entry: SwitchAnswer, flipId: string): FlipForm {
  return {
    position: firstPosition(entry) ?? "",
    reason: "",
    expiry: "1h",
    scope: "fleet",
    service: entry.services.length === 1 ? (entry.services[0] ?? "") : "",
    percentage: 10,
    instances: [],
    flipId,
  };
}

/** The scope as the API takes it; undefined is the whole fleet; null while it is not chosen. */
export function scopeOf(form: FlipForm): FlipRequest["scope"] | null {
  switch (form.scope) {
    case "fleet":
      return undefined;
    case "service":
      return form.service === "" ? null : { service: form.service };
    case "percentage":
      return { percentage: form.percentage };
    case "instances":
      return form.instances.length === 0 ? null : { instances: [...form.instances] };
  }
}

/** What still has to be said before the hold can start, in words; null when all is. */
export function missing(form: FlipForm): string | null {
  if (form.position === "") return "Choose a position.";
  if (scopeOf(form) === null) return form.scope === "service" ? "Choose a service." : "Choose at least one instance.";
  if (form.reason.trim().length < REASON_MIN) return "Say why, in a few words.";
  return null;
}

/** The request; null while something is missing. `expectedRevision` is what the person looked at. */
export function flipRequest(form: FlipForm, expectedRevision: number): FlipRequest | null {
  const scope = scopeOf(form);
  if (missing(form) !== null || scope === null) return null;
  return {
    position: form.position,
    reason: form.reason.trim(),
    expiresInSeconds: EXPIRY_SECONDS[form.expiry],
    expectedRevision,
    flipId: form.flipId,
    ...(scope === undefined ? {} : { scope }),
    ...(form.expiry === "drill" ? { purpose: "drill" } : {}),
  };
}

/** What to ask the preview for: it needs no reason yet. Null while there is nothing to preview. */
export function previewRequest(form: FlipForm): Omit<FlipRequest, "reason"> | null {
  const scope = scopeOf(form);
  if (form.position === "" || scope === null) return null;
  return {
    position: form.position,
    expiresInSeconds: EXPIRY_SECONDS[form.expiry],
    flipId: form.flipId,
    ...(scope === undefined ? {} : { scope }),
  };
}

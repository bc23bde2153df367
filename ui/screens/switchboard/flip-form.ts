/** The flip a person is about to make: what is chosen, what is missing, and the request it becomes. */
import type { FlipRequest, SwitchAnswer } from "../../../protocol/api.ts";

export type Expiry = "15m" | "1h" | "4h" | "none";
export type ScopeKind = "fleet" | "service" | "percentage" | "instances";

export interface FlipForm {
  readonly position: string;
  readonly reason: string;
  readonly expiry: Expiry;
  readonly scope: ScopeKind;
  readonly service: string;
  readonly percentage: number;
  readonly instances: readonly string[];
}

export const EXPIRY_SECONDS: Readonly<Record<Expiry, number | null>> = { "15m": 900, "1h": 3600, "4h": 14_400, none: null };

export const REASON_MIN = 3;
export const REASON_MAX = 500;

/** Nothing is chosen that acts, except the shorter way: an hour, the whole fleet, the other position of a two-position switch. */
export function emptyForm(entry: SwitchAnswer): FlipForm {
  const others = entry.positions.filter((position) => position !== entry.desired);
  return {
    position: others.length === 1 ? (others[0] ?? "") : "",
    reason: "",
    expiry: "1h",
    scope: "fleet",
    service: entry.services.length === 1 ? (entry.services[0] ?? "") : "",
    percentage: 10,
    instances: [],
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
    ...(scope === undefined ? {} : { scope }),
  };
}

/** What to ask the preview for: it needs no reason yet. Null while there is nothing to preview. */
export function previewRequest(form: FlipForm): FlipRequest | null {
  const scope = scopeOf(form);
  if (form.position === "" || scope === null) return null;
  return { position: form.position, reason: "preview", expiresInSeconds: EXPIRY_SECONDS[form.expiry], ...(scope === undefined ? {} : { scope }) };
}

/** The change of a policy a person is about to make: what was typed, what is wrong or missing, and the requests it becomes. */
import type {
  ChangePreviewRequest,
  FaultRequest,
  OverrideRequest,
  PolicyAnswer,
  PolicySetting,
  SettingsRequest,
} from "../../../protocol/policy-api.ts";
import { FAULT, type Field, type OverrideState, type SettingValue } from "../../../protocol/settings.ts";

export type ChangeKind = "settings" | "override" | "fault";

export interface FormField {
  readonly key: string;
  readonly type: Field["type"];
  readonly low: number;
  readonly high: number;
  readonly options: readonly string[];
  readonly fixed: boolean;
  /** What most instances hold; leaving it alone says nothing. */
  readonly now: SettingValue;
}

export interface PolicyDraft {
  /** As typed, by setting; a setting that is not here was not touched. */
  readonly typed: Readonly<Record<string, string>>;
  readonly state: OverrideState | "";
  readonly reason: string;
  /** Seconds, or "none". */
  readonly expiry: string;
  /** `service`, `everywhere`, a share as `10%`, or an instance key. */
  readonly scope: string;
  /** Chosen before the preview and sent with the change, so that a share hits exactly the instances that were shown. */
  readonly flipId: string;
}

export const REASON_MIN = 3;
export const REASON_MAX = 500;

export const EXPIRIES: Readonly<Record<ChangeKind, readonly { readonly value: string; readonly label: string }[]>> = {
  settings: [
    { value: "900", label: "15 min" },
    { value: "3600", label: "1 h" },
    { value: "14400", label: "4 h" },
    { value: "none", label: "No expiry" },
  ],
  override: [
    { value: "300", label: "5 min" },
    { value: "900", label: "15 min" },
    { value: "3600", label: "1 h" },
    { value: "none", label: "No expiry" },
  ],
  fault: [
    { value: "60", label: "1 min" },
    { value: "300", label: "5 min" },
    { value: "900", label: "15 min" },
    { value: "3600", label: "1 h" },
  ],
};

export function emptyDraft(kind: ChangeKind, flipId: string): PolicyDraft {
  return { typed: {}, state: "", reason: "", expiry: kind === "settings" ? "3600" : "300", scope: "service", flipId };
}

export function fieldsFor(kind: ChangeKind, policy: Pick<PolicyAnswer, "settings">): readonly FormField[] {
  if (kind === "override") return [];
  if (kind === "settings") return policy.settings.map(settingField);
  return Object.entries<Field>(FAULT).map(([key, field]) => ({
    key,
    type: field.type,
    low: field.type === "int" ? field.min : 0,
    high: field.type === "int" ? field.max : 0,
    options: [],
    fixed: false,
    now: field.default,
  }));
}

function settingField(setting: PolicySetting): FormField {
  const [low, high] = setting.bounds ?? [setting.min ?? 0, setting.max ?? 0];
  return {
    key: setting.key,
    type: setting.type,
    low,
    high,
    options: setting.type === "flag" ? ["false", "true"] : (setting.options ?? []),
    fixed: setting.fixed,
    now: setting.effective[0]?.value ?? setting.default,
  };
}

export interface TypedValues {
  /** What differs from now. */
  readonly values: Readonly<Record<string, SettingValue>>;
  /** What to do about a setting, by key. */
  readonly wrong: Readonly<Record<string, string>>;
}

export function typedValues(fields: readonly FormField[], typed: PolicyDraft["typed"]): TypedValues {
  const values: Record<string, SettingValue> = {};
  const wrong: Record<string, string> = {};
  for (const field of fields) {
    const text = typed[field.key]?.trim();
    if (text === undefined || text === String(field.now)) continue;
    const value = valueFrom(field, text);
    if (value === null) wrong[field.key] = `a whole number from ${String(field.low)} to ${String(field.high)}`;
    else values[field.key] = value;
  }
  return { values, wrong };
}

function valueFrom(field: FormField, text: string): SettingValue | null {
  if (field.type === "flag") return text === "true";
  if (field.type === "choice") return text;
  const value = Number(text);
  return text !== "" && Number.isSafeInteger(value) && value >= field.low && value <= field.high ? value : null;
}

export interface PolicyChange {
  readonly kind: ChangeKind;
  readonly policy: PolicyAnswer;
  /** Whose page this is. */
  readonly service: string;
  readonly draft: PolicyDraft;
}

/** What still has to be said, in words; null when all is. */
export function missing(change: PolicyChange): string | null {
  const { kind, policy, draft } = change;
  const { values, wrong } = typedValues(fieldsFor(kind, policy), draft.typed);
  if (Object.keys(wrong).length > 0) return "Correct the values that are marked.";
  if (kind === "override" && draft.state === "") return "Choose a state.";
  if (kind !== "override" && Object.keys(values).length === 0) return kind === "fault" ? "Say what to inject." : "Change a value.";
  if (draft.reason.trim().length < REASON_MIN) return "Say why, in a few words.";
  return null;
}

function scopeOf({ draft: { scope }, service }: PolicyChange): NonNullable<SettingsRequest["scope"]> {
  if (scope === "everywhere") return {};
  if (scope === "service") return { service };
  return scope.endsWith("%") ? { service, percentage: Number.parseInt(scope, 10) } : { instances: [scope] };
}

const expiryOf = ({ draft }: PolicyChange): number | null => (draft.expiry === "none" ? null : Number(draft.expiry));

/** What to ask the preview for: it needs no reason yet. Null while there is nothing to preview. */
export function previewRequest(change: PolicyChange): ChangePreviewRequest | null {
  const { kind, policy, draft } = change;
  const { values, wrong } = typedValues(fieldsFor(kind, policy), draft.typed);
  const rest = { name: policy.name, scope: scopeOf(change), expiresInSeconds: expiryOf(change), flipId: draft.flipId };
  if (kind === "override") return draft.state === "" ? null : { kind, policy: policy.policy, state: draft.state, ...rest };
  if (Object.keys(values).length === 0 || Object.keys(wrong).length > 0) return null;
  return kind === "settings" ? { kind, policy: policy.policy, values: { ...values }, ...rest } : { kind, values: { ...values }, ...rest };
}

export interface PolicyOrder {
  readonly method: "PUT" | "POST";
  readonly path: string;
  readonly body: SettingsRequest | OverrideRequest | FaultRequest;
}

/** The request; null while something is missing. `seen` is the revision the person looked at. */
export function policyOrder(change: PolicyChange, seen: number): PolicyOrder | null {
  const { kind, policy, draft } = change;
  if (missing(change) !== null) return null;
  const { name } = policy;
  const values = { ...typedValues(fieldsFor(kind, policy), draft.typed).values };
  const rest = { scope: scopeOf(change), reason: draft.reason.trim(), flipId: draft.flipId };
  const expiresInSeconds = expiryOf(change);
  if (kind === "fault")
    return { method: "POST", path: "/faults", body: { name, values, ...rest, expiresInSeconds: expiresInSeconds ?? 300 } };
  const looked = { ...rest, expiresInSeconds, expectedRevision: seen };
  if (kind === "settings")
    return {
      method: "PUT",
      path: `/policies/${encodeURIComponent(name)}/${policy.policy}`,
      body: { values, ...looked },
    };
  if (draft.state === "") return null;
  return { method: "POST", path: "/overrides", body: { name, policy: policy.policy, state: draft.state, ...looked } };
}

export const STATE_WORDS: Readonly<Record<OverrideState | "none", string>> = {
  forced_open: "forced open",
  forced_closed: "forced closed",
  disabled: "disabled",
  none: "no override",
};

/** A change in a few words: what it says. */
export function changeWords(change: Pick<PolicyAnswer["changes"][number], "body">): string {
  const { body } = change;
  if ("position" in body) return body.position;
  if ("state" in body) return STATE_WORDS[body.state];
  return Object.entries(body.values)
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(", ");
}

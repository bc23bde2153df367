/** The form of a rule: which fields there are for what it watches, what is typed, and the rule it becomes. Pure. */
import type { IncidentRuleBody, Severity, Trigger, TriggerName } from "../../../protocol/incident-rule-api.ts";
import { lasting } from "../../../core/incidents/words.ts";

export interface RuleField {
  readonly key: string;
  readonly label: string;
  readonly hint: string;
  /** What one of what is typed is in the rule: seconds are typed, milliseconds are kept. */
  readonly unit: number;
  readonly low: number;
  readonly high: number;
  readonly whole: boolean;
}

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

type TriggerFields = Readonly<
  Record<TriggerName, { readonly title: string; readonly says: string; readonly fields: readonly RuleField[] }>
>;

/** What each kind of rule watches. Limits are those of the protocol, in the unit that is typed. */
export const TRIGGERS: TriggerFields = {
  breaker_open: { title: "A breaker is open", says: "on some instance, half-open included", fields: [] },
  pool_saturated: { title: "A pool is full", says: "somebody waits and nothing is free", fields: [] },
  shed: {
    title: "A service sheds load",
    says: "all its instances together",
    fields: [
      {
        key: "perSecond",
        label: "More than, calls a second",
        hint: "turned away, all classes",
        unit: 1,
        low: 0.001,
        high: 1e9,
        whole: false,
      },
    ],
  },
  agents_lost: {
    title: "Instances are lost",
    says: "gone without a goodbye",
    fields: [{ key: "atLeast", label: "At least, instances", hint: "of one service", unit: 1, low: 1, high: 10_000, whole: true }],
  },
  error_budget: {
    title: "A service burns its error budget",
    says: "it fails faster than its objective allows",
    fields: [
      {
        key: "objectivePermille",
        label: "Objective, %",
        hint: "of requests that must succeed",
        unit: 10,
        low: 50,
        high: 99.9999,
        whole: false,
      },
      { key: "windowMs", label: "Looked at over, seconds", hint: "30 to 3600", unit: SECOND, low: 30, high: 3600, whole: true },
      {
        key: "burn",
        label: "Burns so many times too fast",
        hint: "14.4 uses a month's budget in two days",
        unit: 1,
        low: 0.001,
        high: 1000,
        whole: false,
      },
    ],
  },
};

export const TRIGGER_NAMES = Object.keys(TRIGGERS) as TriggerName[];

/** How patient a rule is; each says what it means in plain words. */
export const PATIENCE: readonly (RuleField & { readonly key: PatienceKey })[] = [
  {
    key: "openDelayMs",
    label: "Opens after, seconds",
    hint: "bad for so long in all; shorter trouble opens nothing",
    unit: SECOND,
    low: 0,
    high: HOUR / SECOND,
    whole: true,
  },
  {
    key: "resolveDelayMs",
    label: "Resolved after, seconds",
    hint: "good for so long; a breaker that flaps stays one incident",
    unit: SECOND,
    low: 0,
    high: DAY / SECOND,
    whole: true,
  },
  {
    key: "reopenWindowMs",
    label: "Opens again within, minutes",
    hint: "the same trouble so soon after the end is the same incident",
    unit: MINUTE,
    low: 0,
    high: (7 * DAY) / MINUTE,
    whole: true,
  },
  {
    key: "groupWindowMs",
    label: "Grouped within, minutes",
    hint: "troubles along one path of calls this close in time are one incident",
    unit: MINUTE,
    low: 0,
    high: DAY / MINUTE,
    whole: true,
  },
  {
    key: "inactivityMs",
    label: "Given up after, hours",
    hint: "nothing new for so long counts as over",
    unit: HOUR,
    low: 1 / 60,
    high: 720,
    whole: false,
  },
];

type PatienceKey = "openDelayMs" | "resolveDelayMs" | "reopenWindowMs" | "groupWindowMs" | "inactivityMs";

export interface RuleDraft {
  readonly title: string;
  readonly enabled: boolean;
  readonly severity: Severity;
  readonly on: TriggerName;
  readonly service: string;
  readonly resource: string;
  /** By the key of the field, as typed. */
  readonly typed: Readonly<Record<string, string>>;
}

const TYPICAL: Readonly<Record<string, number>> = { perSecond: 1, atLeast: 1, objectivePermille: 999, windowMs: 5 * MINUTE, burn: 14.4 };

export const NEW_RULE: IncidentRuleBody = {
  title: "",
  enabled: true,
  severity: 3,
  trigger: { on: "breaker_open" },
  service: null,
  resource: null,
  openDelayMs: 10 * SECOND,
  resolveDelayMs: MINUTE,
  reopenWindowMs: 15 * MINUTE,
  groupWindowMs: 5 * MINUTE,
  inactivityMs: DAY,
};

const inUnit = (value: number, { unit }: RuleField): string => String(Math.round((value / unit) * 1e6) / 1e6);

/** A form with what the rule has; fields of other kinds of rules hold what is typical. */
export function draftOf(rule: IncidentRuleBody): RuleDraft {
  const trigger: Readonly<Record<string, unknown>> = rule.trigger;
  const typed: Record<string, string> = {};
  for (const { fields } of Object.values(TRIGGERS))
    for (const field of fields) {
      const own = trigger[field.key];
      typed[field.key] = inUnit(typeof own === "number" ? own : (TYPICAL[field.key] ?? 0), field);
    }
  for (const field of PATIENCE) typed[field.key] = inUnit(rule[field.key], field);
  const { title, enabled, severity, service, resource } = rule;
  return { title, enabled, severity, on: rule.trigger.on, service: service ?? "", resource: resource ?? "", typed };
}

export interface RuleReading {
  /** Null while something is missing or wrong. */
  readonly rule: IncidentRuleBody | null;
  /** What is wrong with a field, by its key. */
  readonly wrong: Readonly<Record<string, string>>;
}

/** What the form says. */
export function readRule(draft: RuleDraft): RuleReading {
  const wrong: Record<string, string> = {};
  const values: Record<string, number> = {};
  for (const field of [...TRIGGERS[draft.on].fields, ...PATIENCE]) {
    const text = (draft.typed[field.key] ?? "").trim().replace(",", ".");
    const value = text === "" ? NaN : Number(text);
    if (!Number.isFinite(value)) wrong[field.key] = "a number";
    else if (field.whole && !Number.isInteger(value)) wrong[field.key] = "a whole number";
    else if (value < field.low || value > field.high) wrong[field.key] = `${plain(field.low)} to ${plain(field.high)}`;
    else values[field.key] = field.unit >= SECOND ? Math.round(value * field.unit) : Math.round(value * field.unit * 1e6) / 1e6;
  }
  const title = draft.title.trim();
  if (title === "") wrong["title"] = "say what it is about";
  if (Object.keys(wrong).length > 0) return { rule: null, wrong };
  const trigger = Object.fromEntries([["on", draft.on], ...TRIGGERS[draft.on].fields.map(({ key }) => [key, values[key]])]) as Trigger;
  const patience = Object.fromEntries(PATIENCE.map(({ key }) => [key, values[key]])) as Pick<IncidentRuleBody, PatienceKey>;
  const { enabled, severity } = draft;
  const resource = draft.on === "breaker_open" || draft.on === "pool_saturated" ? draft.resource.trim() : "";
  const service = draft.service.trim();
  return {
    rule: {
      title,
      enabled,
      severity,
      trigger,
      service: service === "" ? null : service,
      resource: resource === "" ? null : resource,
      ...patience,
    },
    wrong,
  };
}

const plain = (value: number): string => String(Math.round(value * 1_000) / 1_000);

/** What a rule does, in a sentence: what it watches, and how patient it is. */
export function ruleSentence({ trigger, service, resource, openDelayMs, resolveDelayMs }: IncidentRuleBody): string {
  const where = [resource, service === null ? null : `in ${service}`].filter((word) => word !== null).join(" ");
  return `${watched(trigger)}${where === "" ? "" : ` (${where})`} for ${lasting(openDelayMs)}; over when good for ${lasting(resolveDelayMs)}.`;
}

function watched(trigger: Trigger): string {
  switch (trigger.on) {
    case "breaker_open":
      return "A breaker is open";
    case "pool_saturated":
      return "A pool is full";
    case "shed":
      return `Calls are shed at more than ${plain(trigger.perSecond)} a second`;
    case "agents_lost":
      return `${plain(trigger.atLeast)} or more instances are lost`;
    case "error_budget":
      return `Over ${lasting(trigger.windowMs)}, more than ${plain((trigger.burn * (1_000 - trigger.objectivePermille)) / 10)} % of requests fail`;
  }
}

/** An address for a new rule out of its title, that no other has. */
export function ruleId(title: string, taken: readonly string[]): string {
  const plainTitle = title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 56);
  const base = plainTitle === "" ? "rule" : plainTitle;
  let id = base;
  for (let next = 2; taken.includes(id); next++) id = `${base}-${String(next)}`;
  return id;
}

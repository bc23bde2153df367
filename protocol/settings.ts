/**
 * The settings of every resilience policy: one table, read by the agent (what it may apply), the console (what it may send), the
 * forms on screen and the docs. Every value is a safe integer, a flag or one of the named options; units are in the name.
 */
export interface NumberField {
  readonly type: "int";
  readonly min: number;
  readonly max: number;
  readonly default: number;
}
export interface FlagField {
  readonly type: "flag";
  readonly default: boolean;
}
export interface ChoiceField {
  readonly type: "choice";
  readonly options: readonly string[];
  readonly default: string;
}
export type Field = NumberField | FlagField | ChoiceField;
export type SettingValue = number | boolean | string;

const int = (min: number, max: number, fallback: number) => ({ type: "int", min, max, default: fallback }) as const;
const flag = (fallback: boolean) => ({ type: "flag", default: fallback }) as const;
const choice = <const O extends readonly [string, ...string[]]>(...options: O) =>
  ({ type: "choice", options, default: options[0] as O[number] }) as const;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Counts what it would have done, changes nothing. */
const shadow = flag(false);

export const SETTINGS = {
  /** GCRA: `limit` calls a period on the average, `burst` at once. */
  limiter: { limit: int(1, 1_000_000, 100), periodMs: int(1, HOUR, 1_000), burst: int(1, 1_000_000, 100), shadow },
  timeout: { attemptMs: int(1, 10 * MINUTE, 5_000), totalMs: int(1, HOUR, 15_000), shadow },
  breaker: {
    /** Over the last `windowMs`, or over the last `windowCalls`. */
    window: choice("time", "count"),
    windowMs: int(1_000, 10 * MINUTE, 10_000),
    windowCalls: int(1, 10_000, 100),
    /** Fewer calls than this in the window never open it. */
    minimumCalls: int(1, 10_000, 20),
    failurePermille: int(1, 1_000, 500),
    /** A call that takes longer is slow; 0 counts none. */
    slowCallMs: int(0, 10 * MINUTE, 0),
    slowPermille: int(1, 1_000, 500),
    openMs: int(1, HOUR, 30_000),
    /** The open time is multiplied by this with each failed probing, in thousandths, up to `openMaxMs`. */
    openBackoffPermille: int(1_000, 10_000, 1_000),
    openMaxMs: int(1, 24 * HOUR, 5 * MINUTE),
    /** Calls let through at once while half open; as many must succeed to close it. */
    probes: int(1, 100, 3),
    /** A half-open breaker that has not decided by then opens again. */
    halfOpenMaxMs: int(1, 10 * MINUTE, 10_000),
    shadow,
  },
  retry: { maxAttempts: int(1, 10, 3), baseMs: int(1, MINUTE, 100), maxDelayMs: int(1, 10 * MINUTE, 30_000), shadow },
  /** Retries and hedges of all who share it: at most `permille` of the calls of the last `windowMs`, and `floor` in any case. */
  budget: { permille: int(0, 1_000, 200), floor: int(0, 1_000, 3), windowMs: int(1_000, 10 * MINUTE, 10_000) },
  bulkhead: { maxConcurrent: int(1, 100_000, 20), maxQueue: int(0, 100_000, 20), maxWaitMs: int(0, 10 * MINUTE, 1_000), shadow },
  fallback: {
    /** A cached answer not older than this is as good as new; 0 keeps none. */
    freshMs: int(0, 24 * HOUR, 0),
    /** A cached answer not older than this is better than none; 0 keeps none. */
    staleMs: int(0, 24 * HOUR, 0),
    /** Answers from this tier without calling; "none" calls. */
    force: choice("none", "cache", "default", "message", "queue"),
    shadow,
  },
  hedge: { delayMs: int(1, 10 * MINUTE, 100), maxHedges: int(0, 5, 1), shadow },
  shedder: {
    eluPermille: int(1, 1_000, 850),
    loopDelayMs: int(1, MINUTE, 100),
    /** Mean time spent waiting before work starts. */
    queueMs: int(1, MINUTE, 20),
    minLimit: int(1, 100_000, 20),
    maxLimit: int(1, 100_000, 1_000),
    /** Latency that is too high whatever the trend says; 0 leaves it to the trend. */
    maxLatencyMs: int(0, 10 * MINUTE, 0),
    shadow,
  },
  /** Observed pools, queues and clients that the host lets us change: only what their library can change while it runs. 0: no limit. */
  pool: {
    max: int(1, 100_000, 10),
    idleTimeoutMs: int(0, 24 * HOUR, 10_000),
    acquireTimeoutMs: int(0, HOUR, 0),
    queueLimit: int(0, 1_000_000, 0),
  },
  queue: { concurrency: int(1, 100_000, 10), timeoutMs: int(0, 24 * HOUR, 0), paused: flag(false) },
  client: { commandTimeoutMs: int(0, HOUR, 0), offlineQueue: flag(true) },
} as const satisfies Record<string, Readonly<Record<string, Field>>>;

export type PolicyName = keyof typeof SETTINGS;
export const POLICY_NAMES = Object.keys(SETTINGS) as [PolicyName, ...PolicyName[]];

/** What a drill injects into the calls of a pipeline. It stops by itself when the pipeline's calls fail more often than `abortPermille`. */
export const FAULT = {
  latencyPermille: int(0, 1_000, 0),
  latencyMs: int(0, MINUTE, 0),
  jitterMs: int(0, MINUTE, 0),
  errorPermille: int(0, 1_000, 0),
  rejectPermille: int(0, 1_000, 0),
  /** Share of failed calls, injected ones included, that ends the drill; 1,000 never does. */
  abortPermille: int(1, 1_000, 1_000),
} as const satisfies Readonly<Record<string, Field>>;

/** What an operator can say against a policy's own mind. Only a breaker can be forced; any policy can be disabled: calls pass as if it was not there. */
export const OVERRIDE_STATES = ["forced_open", "forced_closed", "disabled"] as const;
export type OverrideState = (typeof OVERRIDE_STATES)[number];

type ValueOf<F> = F extends NumberField ? number : F extends FlagField ? boolean : F extends ChoiceField ? F["options"][number] : never;
export type SettingsOf<P extends PolicyName> = { readonly [K in keyof (typeof SETTINGS)[P]]: ValueOf<(typeof SETTINGS)[P][K]> };
export type FaultValues = { readonly [K in keyof typeof FAULT]: number };
export type Values = Readonly<Record<string, SettingValue>>;
export type Fields = Readonly<Record<string, Field>>;

/** Narrower limits declared in code, by field. No remote value passes them. */
export type Bounds = Readonly<Record<string, readonly [min: number, max: number]>>;

export function fieldsOf(policy: PolicyName): Fields {
  return SETTINGS[policy];
}

/** Every default of the table. */
export function defaultsOf(fields: Fields): Values {
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, field.default]));
}

/** How far remote values may go, as the code says. */
export interface Limits {
  readonly bounds: Bounds;
  /** Settings that cannot be changed here. */
  readonly fixed: readonly string[];
}
const NO_LIMITS: Limits = { bounds: {}, fixed: [] };

/** Why these values cannot be: unknown keys, wrong types, out of range, fixed. Null when each is possible by itself. */
export function valuesProblem(
  fields: Fields,
  values: Readonly<Record<string, unknown>>,
  { bounds, fixed }: Limits = NO_LIMITS,
): string | null {
  for (const [key, value] of Object.entries(values)) {
    if (fixed.includes(key)) return `${key} cannot be changed here`;
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field === undefined) return `there is no setting ${key.slice(0, 64)}; there are ${Object.keys(fields).join(", ")}`;
    if (field.type === "flag" && typeof value !== "boolean") return `${key} is true or false`;
    if (field.type === "choice" && !field.options.includes(value as string)) return `${key} is one of ${field.options.join(", ")}`;
    if (field.type === "int") {
      const [low, high] = Object.hasOwn(bounds, key) ? (bounds[key] ?? [field.min, field.max]) : [field.min, field.max];
      if (!Number.isSafeInteger(value) || (value as number) < low || (value as number) > high)
        return `${key} is a whole number from ${low} to ${high}`;
    }
  }
  return null;
}

/** Why complete settings cannot be together. Null when they can. */
export function togetherProblem(policy: PolicyName, values: Values): string | null {
  const over = (low: string, high: string) =>
    (values[low] as number) > (values[high] as number)
      ? `${low} must not be above ${high} (${String(values[low])} > ${String(values[high])})`
      : null;
  switch (policy) {
    case "timeout":
      return over("attemptMs", "totalMs");
    case "breaker":
      return over("openMs", "openMaxMs") ?? (values["window"] === "count" ? over("minimumCalls", "windowCalls") : null);
    case "retry":
      return over("baseMs", "maxDelayMs");
    case "shedder":
      return over("minLimit", "maxLimit");
    default:
      return null;
  }
}

/** Why a fault cannot be injected as asked. Null when it can. */
export function faultProblem(values: Readonly<Record<string, unknown>>): string | null {
  const problem = valuesProblem(FAULT, values);
  if (problem !== null) return problem;
  const at = (key: string) => Number(values[key] ?? 0);
  if (at("latencyPermille") + at("errorPermille") + at("rejectPermille") === 0)
    return "a fault needs a share of calls: latencyPermille, errorPermille or rejectPermille";
  if (at("latencyPermille") > 0 && at("latencyMs") + at("jitterMs") === 0) return "latencyPermille needs latencyMs or jitterMs";
  return null;
}

/** Why an override does not fit a policy, of which `states` are possible (all that make sense when left out). Null when it does. */
export function overrideProblem(policy: PolicyName, state: OverrideState, states?: readonly OverrideState[]): string | null {
  if (state !== "disabled" && policy !== "breaker") return `a ${policy} can be disabled; only a breaker can be ${state.replace("_", " ")}`;
  return states === undefined || states.includes(state) ? null : `this ${policy} cannot be ${state.replace("_", " ")}`;
}

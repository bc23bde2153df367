/** The metric of each column. One rule for all, and the semantic conventions for pools of connections to databases. */
import { columnsOf, KIND_NAMES, type Column, type Kind } from "../../../protocol/kinds.ts";
import type { Attributes } from "./api.ts";

export interface Metric {
  readonly column: string;
  readonly name: string;
  readonly instrument: "Counter" | "UpDownCounter" | "Gauge";
  readonly unit: string;
  /** What a value of the column is multiplied by. */
  readonly scale: number;
  readonly attributes?: Attributes;
  /** The column is an index into states: one series for each, 1 for the one it is in and 0 for the others. */
  readonly states?: true;
}

/** Units of OpenTelemetry by the ending of a column's name: what the name ends in instead, the unit, the scale. */
const UNITS: readonly (readonly [ending: RegExp, instead: string, unit: string, scale: number])[] = [
  [/(P\d\d)Us$/, "Time.$1", "s", 1e-6],
  [/^(p\d\d)Us$/, "duration.$1", "s", 1e-6],
  [/Us$/, "Time", "s", 1e-6],
  [/Ms$/, "Time", "s", 1e-3],
  [/Permille$/, "Ratio", "1", 1e-3],
  [/Kb$/, "", "By", 1024],
];

function metricOf(kind: Kind, { name, type }: Column): Metric {
  const instrument = type === "counter" ? "Counter" : "Gauge";
  const found = UNITS.find(([ending]) => ending.test(name));
  const plain = found === undefined ? name : name.replace(found[0], found[1]);
  const snake = plain.replace(/[A-Z]/g, (letter, at: number) => `${at > 0 && plain[at - 1] !== "." ? "_" : ""}${letter.toLowerCase()}`);
  return {
    column: name,
    name: `holdfast.${kind}.${snake}`,
    instrument,
    unit: found?.[2] ?? "1",
    scale: found?.[3] ?? 1,
    ...(type === "state" ? { states: true } : {}),
  };
}

const METRICS = new Map<Kind, readonly Metric[]>(KIND_NAMES.map((kind) => [kind, columnsOf(kind).map((column) => metricOf(kind, column))]));

/** https://opentelemetry.io/docs/specs/semconv/database/database-metrics/#connection-pools */
const CONNECTIONS = "db.client.connection";
const up = (column: string, name: string, unit: string, attributes: Attributes = {}): Metric => ({
  column,
  name: `${CONNECTIONS}.${name}`,
  instrument: "UpDownCounter",
  unit,
  scale: 1,
  attributes,
});
const SEMANTIC: readonly Metric[] = [
  up("inUse", "count", "{connection}", { [`${CONNECTIONS}.state`]: "used" }),
  up("idle", "count", "{connection}", { [`${CONNECTIONS}.state`]: "idle" }),
  up("max", "max", "{connection}"),
  up("waiting", "pending_requests", "{request}"),
  { ...up("timeouts", "timeouts", "{timeout}"), instrument: "Counter" },
];

const metricsOfPool = METRICS.get("pool") ?? [];
/** The conventions' wait time is a histogram and ours a percentile: it keeps a name of ours, and so does what they do not know. */
export const DATABASE_POOL: readonly Metric[] = [
  ...SEMANTIC,
  ...metricsOfPool.filter((metric) => !SEMANTIC.some(({ column }) => column === metric.column)),
];

/** Pools of connections that are not to a database. */
const OTHER_POOLS = new Set(["undici"]);

export function isDatabasePool(kind: Kind, source: string | undefined): boolean {
  return kind === "pool" && !OTHER_POOLS.has(source ?? "");
}

/** Metrics of a resource. */
export function metricsOf(kind: Kind, source?: string): readonly Metric[] {
  return isDatabasePool(kind, source) ? DATABASE_POOL : (METRICS.get(kind) ?? []);
}

/** Metrics of every kind; more than one may have the same name. */
export function allMetrics(): readonly Metric[] {
  return [...[...METRICS.values()].flat(), ...SEMANTIC];
}

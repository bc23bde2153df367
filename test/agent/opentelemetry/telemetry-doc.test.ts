import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DATABASE_POOL, isDatabasePool, metricsOf, type Metric } from "../../../agent/src/opentelemetry/metrics.ts";
import { columnsOf, KIND_NAMES } from "../../../protocol/kinds.ts";

const INTRODUCTION = `# Telemetry

What \`instrument(agent, api)\` of \`@holdfast/agent/opentelemetry\` reports (see [agent/README.md](../agent/README.md)): one metric for each
column of each kind of resource, read once a collection from the newest sample. This page is made from \`protocol/kinds.ts\` by
\`npx vitest run test/agent/opentelemetry -u\`, and a test fails when it is not what the agent reports.

Every series has the attribute \`holdfast.name\`, and \`holdfast.target\` when the resource has a target. Times are in seconds, sizes in bytes,
shares from 0 to 1. Percentiles are of the time between two samples. A \`Gauge\` is the newest value, a \`Counter\` grows since the process
started; a value that is unknown is not reported. A metric of states has one series for each \`holdfast.state\`: 1 for the one it is in, 0
for the others.

Transitions are span events on the active span: \`holdfast.breaker.opened\`, \`holdfast.pool.saturated\`, \`holdfast.shed.started\`,
\`holdfast.switch.applied\`..., with \`holdfast.kind\` and \`holdfast.name\` of the resource and the data of the event under \`holdfast.\`.
`;

const POOLS = `
Pools of connections, but those of undici, follow the [semantic conventions](https://opentelemetry.io/docs/specs/semconv/database/database-metrics/#connection-pools)
and have \`db.client.connection.pool.name\` in the place of \`holdfast.name\`. The conventions' \`db.client.connection.wait_time\` is a
histogram, which an observed pool cannot tell: the percentile has a name of ours.
`;

function table(metrics: readonly Metric[]): string {
  const rows = metrics.map(({ name, instrument, unit, column, attributes, states }) => {
    const marks = Object.entries(attributes ?? {}).map(([key, value]) => ` \`{${key}=${String(value)}}\``);
    return `| \`${name}\`${marks.join("")}${states === undefined ? "" : " `{holdfast.state}`"} | ${instrument} | ${unit} | ${column} |`;
  });
  return ["| metric | instrument | unit | column |", "|---|---|---|---|", ...rows].join("\n");
}

const doc = [
  INTRODUCTION,
  ...[...KIND_NAMES]
    .sort()
    .map((kind) =>
      kind === "pool"
        ? `## pool\n${POOLS}\n${table(DATABASE_POOL)}\n\nPools of undici:\n\n${table(metricsOf(kind, "undici"))}\n`
        : `## ${kind}\n\n${table(metricsOf(kind))}\n`,
    ),
].join("\n");

describe("docs/telemetry.md", () => {
  it("lists what the agent reports", async () => {
    await expect(doc).toMatchFileSnapshot(join(import.meta.dirname, "../../../docs/telemetry.md"));
  });

  it("names every column of every kind once", () => {
    for (const kind of KIND_NAMES) {
      for (const source of [undefined, "undici"]) {
        const metrics = metricsOf(kind, source);
        expect(metrics.map(({ column }) => column).sort()).toEqual(
          columnsOf(kind)
            .map(({ name }) => name)
            .sort(),
        );
        if (!isDatabasePool(kind, source)) expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
        for (const { name } of metrics) expect(name).toMatch(/^(holdfast|db)(\.[a-z][a-z0-9_]*)+$/);
      }
    }
  });
});

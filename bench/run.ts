/** `npm run bench -- [suite...] [--json]`: runs suites, prints what they measured, and records it with machine and commit. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import type { SuiteResult } from "./support/suite.ts";

const known = readdirSync(join(import.meta.dirname, "suites")).map((file) => file.replace(/\.ts$/, ""));
const args = process.argv.slice(2);
const json = args.includes("--json");
const chosen = args.filter((arg) => !arg.startsWith("--"));
const unknown = chosen.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`unknown suite ${unknown.join(", ")}; there are ${known.join(", ")}\n`);
  process.exit(64);
}

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "unknown";
  }
}

const machine = {
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  node: process.version,
};

for (const name of chosen.length > 0 ? chosen : known) {
  const { run } = (await import(`./suites/${name}.ts`)) as { run: () => Promise<SuiteResult> };
  const result = await run();
  process.stdout.write(`\n${name}\n`);
  const flat = (prefix: string, values: object): void => {
    for (const [key, value] of Object.entries(values)) {
      if (typeof value === "object" && value !== null) flat(`${prefix}${key}.`, value as object);
      else process.stdout.write(`  ${`${prefix}${key}`.padEnd(32)} ${String(value)}\n`);
    }
  };
  flat("", result.figures);
  flat("ratio ", result.ratios);
  const record = { ...result, machine, commit: commit() };
  const results = join(import.meta.dirname, "results");
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, `${name}.json`), `${JSON.stringify(record, null, 2)}\n`);
  if (json) process.stdout.write(`${JSON.stringify(record)}\n`);
}
process.exit(0);

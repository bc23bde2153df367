/** The agent as a package: exact contents, one dependency, its size, and that it is well formed for every kind of importer. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const agent = join(root, "agent");
const bin = (name) => join(root, "node_modules", ".bin", name);
/** Bytes after brotli of each entry with everything it loads, and of all files together. */
const BUDGETS = {
  index: 27_000,
  resilience: 16_000,
  http: 8_000,
  coordination: 12_500,
  openfeature: 2_000,
  opentelemetry: 3_000,
  everything: 53_000,
};
const problems = [];

const manifest = JSON.parse(readFileSync(join(agent, "package.json"), "utf8"));
if (Object.keys(manifest.dependencies ?? {}).join() !== "ws")
  problems.push(`dependencies are ${Object.keys(manifest.dependencies ?? {}).join()}, must be ws alone`);

const out = mkdtempSync(join(tmpdir(), "holdfast-pack-"));
try {
  const [packed] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--loglevel=error", "--pack-destination", out], {
      cwd: agent,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }),
  );
  const expected = [
    "README.md",
    "package.json",
    ...readdirSync(join(agent, "dist"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(agent.length + 1)),
  ].sort();
  const actual = packed.files.map((file) => file.path).sort();
  if (actual.join() !== expected.join()) problems.push(`the tarball holds ${actual.join(", ")}; expected ${expected.join(", ")}`);
  if (actual.some((file) => !/^(README\.md|package\.json|dist\/[\w./-]+\.(js|d\.ts))$/.test(file)))
    problems.push(`unexpected files in the tarball: ${actual.join(", ")}`);
  const tarball = join(out, packed.filename);
  execFileSync(bin("publint"), ["run", tarball, "--strict"], { stdio: "inherit" });
  execFileSync(bin("attw"), [tarball, "--profile", "esm-only"], { stdio: "inherit" });
} finally {
  rmSync(out, { recursive: true, force: true });
}

const dist = join(agent, "dist");
const text = (file) => readFileSync(join(dist, file));
/** A file and what it imports beside it, each once. */
function reached(file, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, name] of text(file)
    .toString()
    .matchAll(/(?:from|import)\s*"\.\/([\w-]+\.js)"/g))
    reached(name, seen);
  return seen;
}
const entries = readdirSync(dist).filter((file) => file.endsWith(".js") && !file.startsWith("shared-"));
const sizes = Object.fromEntries(entries.map((file) => [file.replace(".js", ""), [...reached(file)]]));
sizes.everything = readdirSync(dist).filter((file) => file.endsWith(".js"));
for (const [name, files] of Object.entries(sizes)) {
  const size = brotliCompressSync(Buffer.concat(files.map(text))).length;
  const budget = BUDGETS[name];
  process.stdout.write(`agent ${name}: ${size} bytes brotli of ${budget}\n`);
  if (!(size <= budget)) problems.push(`${name} is ${size} bytes after brotli, the budget is ${budget}`);
}
for (const problem of problems) process.stderr.write(`agent package: ${problem}\n`);
if (problems.length > 0) process.exit(1);

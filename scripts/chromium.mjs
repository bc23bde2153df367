/** Finds a Chromium for the browser tests, or installs Debian's. Prints its path with --print. Nothing is downloaded from anywhere else. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";

const candidates = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Path of a usable browser, or undefined. CHROMIUM_PATH wins. */
export function findChromium() {
  const named = process.env.CHROMIUM_PATH;
  return [named, ...candidates].find((path) => path !== undefined && path !== "" && existsSync(path));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (!findChromium() && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    process.stderr.write("holdfast: installing Debian's chromium for the browser tests...\n");
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    spawnSync("apt-get", ["update", "-qq"], { stdio: "inherit", env });
    spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], { stdio: ["ignore", "ignore", "inherit"], env });
  }
  const found = findChromium();
  if (!found) {
    process.stderr.write("holdfast: no Chromium found. Install chromium, or name one in CHROMIUM_PATH.\n");
    process.exit(1);
  }
  if (process.argv.includes("--print")) process.stdout.write(`${found}\n`);
}

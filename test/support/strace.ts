/** The system calls of a process: to see them, and to kill it at one of them. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const candidates = ["/usr/bin/strace", "/usr/local/bin/strace"];

/** Path of strace: STRACE_PATH, one that is installed, or for root Debian's, installed now. */
export function findStrace(): string {
  const named = process.env["STRACE_PATH"];
  const find = () => [named, ...candidates].find((path) => path !== undefined && path !== "" && existsSync(path));
  const found = find();
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    spawnSync("apt-get", ["update", "-qq"], { stdio: "ignore", env });
    spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "strace"], { stdio: "ignore", env });
  }
  const installed = find();
  if (installed === undefined) throw new Error("no strace found: install it, or name it in STRACE_PATH");
  return installed;
}

export interface Traced {
  /** Names of system calls. */
  readonly calls: readonly string[];
  /** Where the trace goes. */
  readonly output: string;
  /** The process is killed when it makes this call for the n-th time. */
  readonly killAt?: { readonly call: string; readonly nth: number };
}

/** Program and arguments to put before a command. Threads are followed; names of files stand beside their descriptors. */
export function traced({ calls, output, killAt }: Traced): readonly string[] {
  const kill = killAt ? ["-e", `inject=${killAt.call}:signal=SIGKILL:when=${killAt.nth}`] : [];
  return [findStrace(), "-f", "-qq", "-y", "-s", "64", "-e", `trace=${calls.join(",")}`, "-e", "signal=none", ...kill, "-o", output];
}

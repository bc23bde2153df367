/** The shop as a program of its own, run from its source. */
import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");

export interface ShopProgram {
  readonly child: ChildProcess;
  /** Everything it wrote so far. */
  readonly printed: () => string;
  readonly ended: Promise<number | null>;
}

export function runShopProgram(...args: string[]): ShopProgram {
  const child = fork(join(root, "demo/main.ts"), args, {
    cwd: root,
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...process.env, TSX_TSCONFIG_PATH: join(root, "demo/tsconfig.json") },
  });
  let printed = "";
  const hear = (chunk: Buffer): void => void (printed += chunk.toString());
  child.stdout?.on("data", hear);
  child.stderr?.on("data", hear);
  return { child, printed: () => printed, ended: new Promise((resolve) => child.once("close", (code) => resolve(code))) };
}

/** Starts every process of the shop, tells them where the others are and what is wrong with them, and starts again what dies. */
import { fork, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Fault } from "./failures.ts";
import type { Address, AddressBook, FromService, ToService } from "./messages.ts";
import { planInstances, type InstancePlan, type Role } from "./shop-plan.ts";

export interface SupervisorOptions {
  readonly consoleUrl: string;
  readonly tokenFor: (service: string) => string;
  /** Module of a service process: the TypeScript source, run by tsx, or a bundle. */
  readonly entry: URL;
  /** Folder for what agents and services keep. */
  readonly stateDir: string;
  readonly log: (line: string) => void;
}

interface Instance {
  readonly plan: InstancePlan;
  child: ChildProcess | null;
  url: string | null;
  starts: number;
  /** The last words of the process before, if it died with any. */
  lastWords: string;
  /** Kept down on purpose. */
  lost: boolean;
  restartTimer: NodeJS.Timeout | null;
}

const RESTART_AFTER_MS = 500;
const RESTART_AT_MOST_MS = 5_000;
const KILL_AFTER_MS = 3_000;
/** Ten processes on one machine: collect often rather than grow. */
const SMALL_HEAP = ["--max-semi-space-size=2", "--max-old-space-size=128"];

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #instances: readonly Instance[];
  readonly #faults = new Map<Role, readonly Fault[]>();
  #waiting: (() => void)[] = [];
  #stopping = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#instances = planInstances().map((plan) => ({
      plan,
      child: null,
      url: null,
      starts: 0,
      lastWords: "",
      lost: false,
      restartTimer: null,
    }));
  }

  /** Resolves when every instance listens and knows the others. */
  async start(): Promise<void> {
    for (const instance of this.#instances) this.#spawn(instance);
    while (this.#instances.some((instance) => instance.url === null)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      if (this.#stopping) throw new Error("the shop was stopped before it was open");
    }
  }

  addressesOf(role: Role): readonly Address[] {
    return this.#book()[role] ?? [];
  }

  /** Process ids of what runs now, by instance. */
  get pids(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#instances.flatMap(({ plan, child }) => (child?.pid === undefined ? [] : [[plan.instance, child.pid]])));
  }

  /** Who does not listen yet, and why as far as it is known. For a person. */
  get missing(): string {
    return this.#instances
      .filter((instance) => instance.url === null)
      .map(({ plan, lastWords }) => (lastWords === "" ? `${plan.instance} has not answered` : lastWords))
      .join("\n");
  }

  setFaults(role: Role, faults: readonly Fault[]): void {
    this.#faults.set(role, faults);
    for (const instance of this.#instances) if (instance.plan.role === role) send(instance, { t: "faults", faults });
  }

  /** Kills an instance and keeps it down, as a lost machine would be; or lets it come back. */
  setLost(name: string, lost: boolean): void {
    const instance = this.#instances.find(({ plan }) => plan.instance === name);
    if (instance === undefined || instance.lost === lost) return;
    instance.lost = lost;
    if (lost) instance.child?.kill("SIGKILL");
    else if (instance.child === null && instance.restartTimer === null) this.#spawn(instance);
  }

  /** Ends every process: asked first, killed when that takes too long. Resolves when all are gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await Promise.all(
      this.#instances.map(async (instance) => {
        if (instance.restartTimer !== null) clearTimeout(instance.restartTimer);
        const { child } = instance;
        if (child === null) return;
        const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
        const patience = setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS);
        child.kill("SIGTERM");
        await gone;
        clearTimeout(patience);
      }),
    );
  }

  #spawn(instance: Instance): void {
    instance.restartTimer = null;
    instance.starts++;
    const { entry, log } = this.#options;
    const { plan } = instance;
    const child = fork(fileURLToPath(entry), [plan.instance], { ...forkOptions(entry), stdio: ["ignore", "ignore", "pipe", "ipc"] });
    instance.child = child;
    let complaints = "";
    child.stderr?.on("data", (chunk: Buffer) => (complaints = (complaints + chunk.toString()).slice(-4_000)));
    child.on("message", (message: FromService) => this.#heard(instance, message));
    child.on("error", (error) => log(`${plan.instance}: ${error.message}`));
    child.once("exit", (code, signal) => {
      instance.child = null;
      instance.url = null;
      if (this.#stopping) return;
      instance.lastWords = `${plan.instance} ended with ${signal ?? code ?? "nothing"}${complaints === "" ? "" : `\n${complaints.trimEnd()}`}`;
      log(instance.lastWords);
      this.#broadcast();
      if (!instance.lost) this.#restartSoon(instance);
    });
  }

  #restartSoon(instance: Instance): void {
    const wait = Math.min(RESTART_AFTER_MS * instance.starts, RESTART_AT_MOST_MS);
    instance.restartTimer = setTimeout(() => {
      instance.restartTimer = null;
      if (!this.#stopping && !instance.lost) this.#spawn(instance);
    }, wait);
  }

  #heard(instance: Instance, message: FromService): void {
    const { plan } = instance;
    if (message.t === "log") {
      if (message.level !== "info") this.#options.log(`${plan.instance}: ${message.message}`);
    } else if (message.t === "loaded") {
      const { consoleUrl, tokenFor, stateDir } = this.#options;
      const policyFile = join(stateDir, `${plan.instance}.policy.json`);
      const seed = this.#instances.indexOf(instance) * 1_000 + instance.starts;
      const token = tokenFor(plan.role);
      send(instance, { t: "start", plan, consoleUrl, token, policyFile, stateDir, seed, restarts: instance.starts - 1 });
    } else {
      instance.url = `http://127.0.0.1:${message.port}`;
      send(instance, { t: "faults", faults: this.#faults.get(plan.role) ?? [] });
      this.#broadcast();
      this.#wake();
    }
  }

  #book(): AddressBook {
    const book: Partial<Record<Role, Address[]>> = {};
    for (const { plan, url } of this.#instances) if (url !== null) (book[plan.role] ??= []).push({ instance: plan.instance, url });
    return book;
  }

  #broadcast(): void {
    const book = this.#book();
    for (const instance of this.#instances) send(instance, { t: "addresses", book });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** A child that is on its way out cannot be told anything; its successor will be. */
function send({ child }: Instance, message: ToService): void {
  if (child?.connected === true) child.send(message, () => undefined);
}

function forkOptions(entry: URL): { execArgv: string[]; env: NodeJS.ProcessEnv } {
  if (!entry.pathname.endsWith(".ts")) return { execArgv: ["--enable-source-maps", ...SMALL_HEAP], env: process.env };
  const tsx = pathToFileURL(createRequire(entry).resolve("tsx")).href;
  return {
    execArgv: ["--import", tsx, ...SMALL_HEAP],
    env: { ...process.env, TSX_TSCONFIG_PATH: fileURLToPath(new URL("./tsconfig.json", entry)) },
  };
}

/** Asks every connected agent for a sign of life by the way that policy goes, and says how long the answers took. */
import type { AgentDown } from "../../protocol/agent-down.ts";
import type { Clock, Timer } from "../clock.ts";
import { frameText } from "./peer.ts";
import type { PolicyTarget } from "./policy-fanout.ts";

export interface ProbeOutcome {
  readonly at: number;
  readonly asked: number;
  /** Milliseconds from the first question to each answer, in order. */
  readonly answers: readonly number[];
  /** Keys of those that did not answer in time. */
  readonly silent: readonly string[];
}

/** The way to the agents, as the rest of the server sees it. */
export interface PushPath {
  /** Takes two seconds when somebody is silent. Whoever asks while a probe is on its way gets that one's outcome. */
  probe(environment: string): Promise<ProbeOutcome>;
}

const WAIT_MS = 2_000;

interface Running {
  readonly id: string;
  readonly startedAt: number;
  readonly waiting: Set<string>;
  readonly answers: number[];
  readonly outcome: Promise<ProbeOutcome>;
  readonly end: () => void;
}

export interface PushProbeOptions {
  readonly targets: (environment: string) => Iterable<Pick<PolicyTarget, "key" | "open" | "write">>;
  readonly clock: Clock;
  readonly newId: () => string;
}

export class PushProbe implements PushPath {
  readonly #options: PushProbeOptions;
  readonly #running = new Map<string, Running>();

  constructor(options: PushProbeOptions) {
    this.#options = options;
  }

  probe(environment: string): Promise<ProbeOutcome> {
    const running = this.#running.get(environment) ?? this.#start(environment);
    return running.outcome;
  }

  /** An agent answered; answers that nobody waits for any more are let go. */
  answered(environment: string, key: string, id: string): void {
    const running = this.#running.get(environment);
    if (running?.id !== id || !running.waiting.delete(key)) return;
    running.answers.push(this.#options.clock.monotonic() - running.startedAt);
    if (running.waiting.size === 0) running.end();
  }

  #start(environment: string): Running {
    const { clock, newId, targets } = this.#options;
    const at = clock.now();
    const waiting = new Set<string>();
    const answers: number[] = [];
    let settle: (outcome: ProbeOutcome) => void = () => undefined;
    const outcome = new Promise<ProbeOutcome>((resolve) => (settle = resolve));
    let timer: Timer | null = null;
    const end = (): void => {
      timer?.cancel();
      this.#running.delete(environment);
      settle({ at, asked: answers.length + waiting.size, answers, silent: [...waiting].sort() });
    };
    const running: Running = { id: newId(), startedAt: clock.monotonic(), waiting, answers, outcome, end };
    this.#running.set(environment, running);
    const frame = frameText(JSON.stringify({ t: "probe", id: running.id } satisfies AgentDown));
    for (const peer of targets(environment)) {
      if (!peer.open) continue;
      waiting.add(peer.key);
      peer.write(frame);
    }
    if (waiting.size === 0) end();
    else timer = clock.setTimeout(end, WAIT_MS);
    return running;
  }
}

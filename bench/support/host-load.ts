/**
 * A light HTTP client, so that what is measured is the service: keep-alive connections with one request at a time, hardly parsed. Paced:
 * requests leave at a fixed rate and wait for a free connection, and the wait counts. Closed: every connection asks again at once.
 * Driven over IPC: {port, seconds, perSecond} or {port, seconds} -> {ok, failed, seconds, latencies}.
 */
import { connect, type Socket } from "node:net";

export interface HostLoad {
  readonly port: number;
  readonly seconds: number;
  /** Left out: as many as the connections can. */
  readonly perSecond?: number;
}

export interface HostLoadResult {
  /** Answered with 200. */
  readonly ok: number;
  readonly failed: number;
  readonly seconds: number;
  /** Milliseconds of each answer with 200. */
  readonly latencies: readonly number[];
}

const CONNECTIONS = 32;
const PACE_MS = 1;
/** Requests beyond this many waiting are lost: the service has collapsed. */
const MAX_WAITING = 100_000;
const REQUEST = Buffer.from("GET /orders HTTP/1.1\r\nHost: bench\r\nConnection: keep-alive\r\n\r\n");

/** Length of the first whole answer in the text, 0 when it is not whole yet. Bodies are ASCII. */
function answerLength(text: string): number {
  const head = text.indexOf("\r\n\r\n");
  if (head < 0) return 0;
  const length = /content-length: (\d+)/i.exec(text)?.[1];
  const end = head + 4 + Number(length ?? 0);
  return text.length >= end ? end : 0;
}

class Caller {
  readonly #socket: Socket;
  #text = "";
  #done: ((ok: boolean) => void) | null = null;

  /** `lost`: the service ended the connection, which it must not. */
  constructor(port: number, lost: () => void) {
    this.#socket = connect(port, "127.0.0.1").setNoDelay(true);
    this.#socket.on("data", (data) => this.#heard(data.toString("latin1")));
    this.#socket.on("error", () => undefined);
    this.#socket.on("close", lost);
  }

  ask(done: (ok: boolean) => void): void {
    this.#done = done;
    this.#socket.write(REQUEST);
  }

  end(): void {
    this.#socket.removeAllListeners("close").destroy();
  }

  #heard(data: string): void {
    this.#text += data;
    if (answerLength(this.#text) === 0) return;
    const ok = this.#text.startsWith("HTTP/1.1 200");
    this.#text = "";
    const done = this.#done;
    this.#done = null;
    done?.(ok);
  }
}

function run({ port, seconds, perSecond }: HostLoad): Promise<HostLoadResult> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const endAt = startedAt + seconds * 1_000;
    const latencies: number[] = [];
    const waiting: number[] = [];
    let failed = 0;
    let asked = 0;
    let busy = 0;
    let over = false;

    const lost = (): void => reject(new Error("the service ended a connection"));
    const callers = Array.from({ length: CONNECTIONS }, () => new Caller(port, lost));
    const idle = [...callers];
    const finish = (): void => {
      if (over || busy > 0 || waiting.length > 0) return;
      over = true;
      clearInterval(pace);
      for (const caller of callers) caller.end();
      resolve({ ok: latencies.length, failed, seconds: (performance.now() - startedAt) / 1_000, latencies });
    };
    const ask = (caller: Caller, dueAt: number): void => {
      busy++;
      caller.ask((ok) => {
        busy--;
        const now = performance.now();
        if (ok) latencies.push(now - dueAt);
        else failed++;
        const next = waiting.shift() ?? (perSecond === undefined && now < endAt ? now : undefined);
        if (next === undefined) idle.push(caller);
        else ask(caller, next);
        if (now >= endAt) finish();
      });
    };
    const send = (now: number): void => {
      const due = perSecond === undefined ? 0 : Math.floor((Math.min(now, endAt) - startedAt) * (perSecond / 1_000)) - asked;
      asked += due;
      for (let i = 0; i < due; i++) {
        const caller = idle.pop();
        if (caller !== undefined) ask(caller, now);
        else if (waiting.length < MAX_WAITING) waiting.push(now);
        else failed++;
      }
    };
    const pace = setInterval(() => {
      const now = performance.now();
      send(now);
      if (now >= endAt) finish();
    }, PACE_MS);
    if (perSecond === undefined) for (const caller of idle.splice(0)) ask(caller, performance.now());
  });
}

process.on("message", (load: HostLoad) => {
  void run(load).then(
    (result) => process.send?.(result),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));

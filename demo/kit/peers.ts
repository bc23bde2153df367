/** The instances of another service: an undici pool for each, taken in turn. The caller's deadline and priority go along. */
import { Pool, type Dispatcher } from "undici";
import type { Disposer } from "@holdfast/agent";
import { deadlineInterceptor } from "@holdfast/agent/http";
import type { Address } from "../messages.ts";
import type { Role } from "../shop-plan.ts";
import { HttpProblem } from "./http-problem.ts";
import type { ServiceContext } from "./service-context.ts";

export interface Call {
  readonly path: string;
  /** Sent as JSON by POST; without it the call is a GET. */
  readonly body?: unknown;
  /** Idempotency-Key of a POST: however often it is sent, it is done once. */
  readonly key?: string;
}

interface Peer extends Address {
  readonly pool: Pool;
  readonly client: Dispatcher;
  readonly unobserve: Disposer;
}

const CONNECTIONS = 12;

export class Peers {
  readonly #context: ServiceContext;
  readonly #target: Role;
  #peers: Peer[] = [];
  #turn = 0;

  constructor(context: ServiceContext, target: Role) {
    this.#context = context;
    this.#target = target;
    context.addresses.onChange(() => this.#follow());
    this.#follow();
  }

  /** Text of the answer. Throws HttpProblem for answers of 400 and more, and when nobody runs. */
  async send({ path, body, key }: Call, signal: AbortSignal): Promise<string> {
    const peer = this.#peers[this.#turn++ % Math.max(1, this.#peers.length)];
    if (peer === undefined) throw new HttpProblem(503, `no ${this.#target} is running`);
    const answer = await peer.client.request({
      origin: peer.url,
      path,
      method: body === undefined ? "GET" : "POST",
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(key === undefined ? {} : { "idempotency-key": key }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal,
    });
    const text = await answer.body.text();
    if (answer.statusCode < 400) return text;
    const retryAfter = answer.headers["retry-after"];
    throw new HttpProblem(
      answer.statusCode,
      reasonIn(text) ?? `${this.#target} answered ${answer.statusCode}`,
      typeof retryAfter === "string" ? { "retry-after": retryAfter } : {},
    );
  }

  /** Keeps a pool for each instance that runs, and lets go of those that moved or went. */
  #follow(): void {
    const wanted = this.#context.addresses.of(this.#target);
    const same = (a: Address, b: Address): boolean => a.instance === b.instance && a.url === b.url;
    for (const peer of this.#peers.filter((each) => !wanted.some((address) => same(address, each)))) {
      peer.unobserve();
      void peer.pool.destroy();
    }
    this.#peers = wanted.map((address) => this.#peers.find((peer) => same(peer, address)) ?? this.#connect(address));
  }

  #connect(address: Address): Peer {
    const pool = new Pool(address.url, { connections: CONNECTIONS, pipelining: 1 });
    const unobserve = this.#context.agent.observe(pool, `http ${address.instance}`, {
      target: this.#target,
      settings: { connections: CONNECTIONS },
    });
    return { ...address, pool, client: pool.compose(deadlineInterceptor()), unobserve };
  }
}

/** Services say why in `error`. */
function reasonIn(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    return typeof error === "string" ? error : undefined;
  } catch {
    return undefined;
  }
}

/** Calls to another service of the shop: an undici pool for each of its instances, in turn, behind one breaker. */
import { Pool } from "undici";
import type { Disposer } from "@holdfast/agent";
import type { Role } from "../shop-plan.ts";
import { Breaker, type BreakerOptions } from "./breaker.ts";
import { HttpProblem } from "./http-problem.ts";
import type { ServiceContext } from "./service-context.ts";

export interface Call {
  readonly path: string;
  /** Sent as JSON by POST; without it the call is a GET. */
  readonly body?: unknown;
  /** Ask this instance and no other. */
  readonly instance?: string;
}

export type DependencyOptions = Omit<BreakerOptions, "name" | "target"> & { readonly target: Role };

interface Peer {
  readonly instance: string;
  readonly url: string;
  readonly pool: Pool;
  readonly unobserve: Disposer;
}

const CONNECTIONS = 12;

export class Dependency {
  readonly breaker: Breaker;
  readonly #context: ServiceContext;
  readonly #target: Role;
  readonly #timeoutMs: number;
  #peers: Peer[] = [];
  #turn = 0;

  constructor(context: ServiceContext, options: DependencyOptions) {
    this.#context = context;
    this.#target = options.target;
    this.#timeoutMs = options.timeoutMs;
    this.breaker = new Breaker(context, { ...options, name: options.target });
    context.addresses.onChange(() => this.#follow());
    this.#follow();
  }

  /** JSON of the answer, or the fallback's value. Throws HttpProblem for answers of 400 to 499. */
  json<T>(call: Call, fallback: (error: Error) => T): Promise<T> {
    return this.breaker.run(async () => JSON.parse(await this.#send(call)) as T, fallback);
  }

  text(call: Call, fallback: (error: Error) => string): Promise<string> {
    return this.breaker.run(() => this.#send(call), fallback);
  }

  async #send(call: Call): Promise<string> {
    const { pool } = this.#choose(call.instance);
    const answer = await pool.request({
      path: call.path,
      method: call.body === undefined ? "GET" : "POST",
      headers: call.body === undefined ? {} : { "content-type": "application/json" },
      body: call.body === undefined ? null : JSON.stringify(call.body),
      // The breaker gives up on its own; this frees the connection.
      signal: AbortSignal.timeout(this.#timeoutMs + 100),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 400) throw new HttpProblem(answer.statusCode, `${this.#target} answered ${answer.statusCode}`);
    return text;
  }

  #choose(instance: string | undefined): Peer {
    const peers = instance === undefined ? this.#peers : this.#peers.filter((peer) => peer.instance === instance);
    const peer = peers[this.#turn++ % Math.max(1, peers.length)];
    if (peer === undefined) throw new HttpProblem(503, `no ${instance ?? this.#target} is running`);
    return peer;
  }

  /** Keeps a pool for each instance that runs, and lets go of those that moved or went. */
  #follow(): void {
    const wanted = this.#context.addresses.of(this.#target);
    const stays = (peer: Peer): boolean => wanted.some((address) => address.instance === peer.instance && address.url === peer.url);
    for (const peer of this.#peers.filter((each) => !stays(each))) {
      peer.unobserve();
      void peer.pool.destroy();
    }
    this.#peers = wanted.map(
      (address) => this.#peers.find((peer) => peer.url === address.url && peer.instance === address.instance) ?? this.#connect(address),
    );
  }

  #connect({ instance, url }: { instance: string; url: string }): Peer {
    const pool = new Pool(url, { connections: CONNECTIONS, pipelining: 1 });
    const unobserve = this.#context.agent.observe(pool, `http ${instance}`, {
      target: this.#target,
      settings: { connections: CONNECTIONS },
    });
    return { instance, url, pool, unobserve };
  }
}

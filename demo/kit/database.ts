/** A database that exists only as its connections: a generic-pool of them, each busy for as long as a query would take. */
import { setTimeout as delay } from "node:timers/promises";
import { createPool, type Pool } from "generic-pool";
import { latency } from "../random.ts";
import type { ServiceContext } from "./service-context.ts";

export interface DatabaseOptions {
  readonly name: string;
  readonly connections: number;
  /** Typical milliseconds of a query. */
  readonly typicalMs: number;
  /** Lets the console change the number of connections. Default false. */
  readonly control?: boolean;
}

interface Connection {
  readonly number: number;
}

const ACQUIRE_TIMEOUT_MS = 900;

export class Database {
  readonly #context: ServiceContext;
  readonly #pool: Pool<Connection>;
  readonly #typicalMs: number;
  readonly #held: Connection[] = [];
  #holding = false;

  constructor(context: ServiceContext, { name, connections, typicalMs, control = false }: DatabaseOptions) {
    let opened = 0;
    this.#context = context;
    this.#typicalMs = typicalMs;
    this.#pool = createPool<Connection>(
      {
        create: async () => {
          await delay(typicalMs);
          return { number: ++opened };
        },
        destroy: () => Promise.resolve(),
      },
      { min: Math.min(2, connections), max: connections, acquireTimeoutMillis: ACQUIRE_TIMEOUT_MS },
    );
    context.agent.observe(this.#pool, name, { target: name, settings: { acquireTimeoutMs: ACQUIRE_TIMEOUT_MS }, control });
    context.faults.onChange(() => {
      if (context.faults.holdingConnections) void this.#hold(connections);
      else this.#letGo();
    });
  }

  /** Runs `work` at the end of a query's time. Rejects when no connection comes free in time. */
  async query<T>(work: () => T | Promise<T>): Promise<T> {
    const connection = await this.#pool.acquire();
    try {
      await delay(latency(this.#context.random, this.#typicalMs) + this.#context.faults.latencyMs);
      return await work();
    } finally {
      await this.#pool.release(connection);
    }
  }

  /** The runaway job: takes connections as they come free until it has them all, and keeps them. */
  async #hold(connections: number): Promise<void> {
    if (this.#holding) return;
    this.#holding = true;
    while (this.#context.faults.holdingConnections && this.#held.length < connections) {
      const taken = await this.#pool.acquire().catch(() => null);
      if (taken !== null) this.#held.push(taken);
    }
    this.#holding = false;
    if (!this.#context.faults.holdingConnections) this.#letGo();
  }

  #letGo(): void {
    for (const connection of this.#held.splice(0)) void this.#pool.release(connection);
  }
}

/** The public types of the agent. */
import type { ColumnOf, Kind } from "../../protocol/kinds.ts";

export type LogLevel = "info" | "warn" | "error";

/** Where the agent writes the few lines it has to say. It may throw; the agent survives it. */
export type LogFunction = (level: LogLevel, message: string) => void;

export interface AgentOptions {
  /** Base URL of the console: http, https, ws or wss. `/agent/v1` is added when it has no path. */
  readonly url: string;
  /** Agent token made in the console. Never sent over plain ws:// or http:// to anything but loopback. */
  readonly token: string;
  /** The service this process is an instance of: 1 to 64 characters, no slash. */
  readonly service: string;
  /** Tells instances of a service apart. Default: the host name and a suffix that is stable for the life of the process. */
  readonly instance?: string | undefined;
  /** Version of the service, for people. */
  readonly version?: string | undefined;
  /** Up to 16 labels: region, zone, cell... */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Keeps the last good policy here (two generations), so that a restart without the console keeps the positions. */
  readonly policyFile?: string | undefined;
  /** Default: a process warning (`process.emitWarning`) for each warning and error; information is not written. */
  readonly log?: LogFunction | undefined;
  /** False gives an agent that does nothing. So does the environment variable HOLDFAST_DISABLED=1. */
  readonly enabled?: boolean | undefined;
}

/**
 * Columns of each kind of resource. A column left out, null, negative or not a number is unknown; fractions are rounded. A breaker's
 * `state` is 0 closed, 1 half open, 2 open, 3 forced open, 4 forced closed, 5 disabled.
 */
export type Readings = { readonly [K in Kind]: { readonly [C in ColumnOf<K>]?: number | null | undefined } };

export type ResourceKind = Kind;

export type Scalar = string | number | boolean | null;

/** A flat bag of scalars. Long texts are cut at 500 characters, control characters become spaces. */
export type Data = Readonly<Record<string, Scalar>>;

export interface ResourceOptions {
  /** What is on the far side: the service or system this resource protects the caller from. */
  readonly target?: string | undefined;
  /** Settings worth showing beside the values. */
  readonly settings?: Data | undefined;
}

export interface ObserveOptions extends ResourceOptions {
  /** Lets the console change what can safely be changed while it runs: a pool's size, a queue's concurrency... Default: false. */
  readonly control?: boolean | undefined;
}

/** Ends an observation, removes every listener. Safe to call twice. */
export type Disposer = () => void;

export interface SwitchOptions {
  /** Lower-case letters, digits, dot, dash, underscore; up to 64. */
  readonly key: string;
  readonly title: string;
  /** One sentence for the operator who is about to flip it. */
  readonly whatUsersLose: string;
  /** 2 to 8. The first is the normal one. Default `["on", "off"]`. */
  readonly positions?: readonly string[] | undefined;
  /** Taken while nothing is known: no console was ever heard and no policy is kept. Default: the first position. */
  readonly safeDefault?: string | undefined;
}

export interface SwitchChange {
  readonly key: string;
  readonly position: string;
  readonly previous: string;
  /** Policy revision that decides now; 0 when none does. */
  readonly revision: number;
  readonly source: "policy" | "lease-expired" | "reverted" | "kept-file";
}

export interface SwitchHandle {
  readonly key: string;
  /** The position in force. A plain field read: no promise, no clock, no allocation. */
  readonly position: string;
  is(position: string): boolean;
  /** Called after each change, with the new position in force. What it throws is logged and counted, never passed on. */
  onChange(listener: (change: SwitchChange) => void): Disposer;
}

/** `waiting`: for the next attempt. `stopped`: closed, or told to stay away. `off`: this agent does nothing. */
export type LinkState = "off" | "idle" | "connecting" | "greeting" | "open" | "waiting" | "stopped";

export interface AgentStatus {
  readonly enabled: boolean;
  readonly state: LinkState;
  /** Greeted by a console and the link is up. */
  readonly connected: boolean;
  /** The environment the token belongs to, once greeted. */
  readonly environment: string | null;
  readonly service: string;
  readonly instance: string;
  /** Last policy revision applied; 0 when none. */
  readonly revision: number;
  /** Cadence of samples, as the console last asked. */
  readonly sampleMs: number;
  readonly resources: number;
  readonly switches: number;
  /** Samples and events lost to the bounded buffers since the start. */
  readonly droppedSamples: number;
  readonly droppedEvents: number;
  readonly bufferedSamples: number;
  readonly bufferedEvents: number;
  /** Errors of observed objects and callbacks that were caught. */
  readonly adapterErrors: number;
  /** Resources or switches refused because a limit was reached or their name cannot travel. */
  readonly capped: number;
  readonly reconnects: number;
  /** Why the link is not up, in words; null when it is. */
  readonly problem: string | null;
}

export interface Agent {
  /**
   * Observes an object of a library it recognises by shape: opossum, cockatiel, pg.Pool, mysql2, tarn (knex), generic-pool, undici Pool,
   * Client and Agent, ioredis, BullMQ, kafkajs, p-queue, bottleneck, servers of node:http, node:https and node:http2, and `process` for
   * its heap and garbage collector. Anything else gives one warning.
   */
  observe(thing: object, name: string, options?: ObserveOptions): Disposer;
  /** Reports anything else: `read` is called at each sample and answers some or all columns of the kind. */
  resource<K extends ResourceKind>(kind: K, name: string, read: () => Readings[K], options?: ResourceOptions): Disposer;
  /** Declares a switch. Declaring a key again gives the same switch. */
  switch(options: SwitchOptions): SwitchHandle;
  /** Tells the console that something happened: `event("deploy", { version })`, `event("note", { text })`. */
  event(type: string, data?: Data): void;
  readonly status: AgentStatus;
  /** Flushes for at most a second, then ends the link. Everything is inert afterwards; switches keep their positions. */
  close(): Promise<void>;
}

/**
 * ioredis: its state and its two queues by length; errors seen beside the host's own listeners. A Cluster is the client itself and one
 * client for each node. Commands are not counted: its channel would cost each of them.
 */
import { errorMonitor } from "node:events";
import { indexesOf, type Cells } from "../telemetry/columns.ts";
import { field, hasFunctions, hasNumbers, plainSettings, type Adapter, type EmitterLike } from "./adapter.ts";
import { knob } from "./control.ts";
import type { Family } from "./family.ts";

const COLUMN = indexesOf("cache");
/** Emitters take this symbol where their types say a name. */
const ERROR = errorMonitor as unknown as string;

interface Counted {
  readonly length: number;
}

export interface RedisClient extends EmitterLike {
  readonly status: string;
  readonly options: object;
  /** Sent, not answered. A cluster has none of its own. */
  readonly commandQueue?: Counted;
  /** Waiting for the connection. */
  readonly offlineQueue: Counted;
}

export const ioredis: Adapter<RedisClient> = {
  kind: "cache",
  source: "ioredis",
  counts: [COLUMN.errors],

  recognises: (thing): thing is RedisClient => isClient(thing) && isCounted(field(thing, "commandQueue")),

  settings: (client) =>
    plainSettings(client.options, ["commandTimeout", "connectTimeout", "maxRetriesPerRequest", "enableOfflineQueue", "db"]),

  attach: (client, { guard, sink }) => {
    // A listener of its own for 'error' would silence ioredis' complaint that nobody listens.
    const onError = guard.wrap(() => sink.count(COLUMN.errors));
    client.on(ERROR, onError);
    return {
      read,
      detach: (thing) => void thing.removeListener(ERROR, onError),
      controls: [
        {
          policy: "client",
          knobs: {
            commandTimeoutMs: knob("options.commandTimeout", { none: undefined }),
            offlineQueue: knob("options.enableOfflineQueue"),
          },
          note: "Both hold for later commands: those already sent or queued go on as they are.",
        },
      ],
    };
  },
};

interface RedisCluster extends RedisClient {
  nodes(): (RedisClient & { readonly options: { readonly host?: string; readonly port?: number } })[];
}

export const redisCluster: Family<RedisCluster> = {
  kind: "cache",
  source: "ioredis",
  recognises: (thing): thing is RedisCluster => isClient(thing) && hasFunctions(thing, "nodes"),
  members: (cluster) => ["", ...cluster.nodes().map(addressOf)],
  read: (cluster, member, cells) => {
    const client = member === "" ? cluster : cluster.nodes().find((node) => addressOf(node) === member);
    if (client !== undefined) read(client, cells);
    return client !== undefined;
  },
};

function read(client: RedisClient, cells: Cells): void {
  cells[COLUMN.sent] = client.commandQueue?.length ?? NaN;
  cells[COLUMN.waiting] = client.offlineQueue.length;
  cells[COLUMN.connected] = client.status === "ready" ? 1 : 0;
}

function addressOf({ options: { host, port } }: { readonly options: { readonly host?: string; readonly port?: number } }): string {
  return `${host ?? ""}:${port ?? ""}`;
}

function isClient(thing: object): boolean {
  return (
    typeof field(thing, "status") === "string" &&
    isCounted(field(thing, "offlineQueue")) &&
    hasFunctions(thing, "sendCommand", "disconnect", "on", "removeListener")
  );
}

function isCounted(list: unknown): boolean {
  return typeof list === "object" && list !== null && hasNumbers(list, "length");
}

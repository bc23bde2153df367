/**
 * Many cheap agents in one process: they speak the wire, hold one switch and acknowledge policy, nothing more. Driven over IPC:
 * {connect, url, token, from, count} -> {connected}; {stop}. With `services` they are that many services, whose resources move.
 */
import { WebSocket } from "ws";
import type { AgentDown } from "../../protocol/agent-down.ts";
import { FRAME_LIVE, FrameEncoder } from "../../protocol/frame.ts";
import { policyDigest } from "../../protocol/digest.ts";
import { AGENT_PATH, AGENT_SUBPROTOCOL, PROTOCOL_VERSION } from "../../protocol/version.ts";
import { busyService, SERVICE_RESOURCES } from "./busy-service.ts";

interface ConnectOrder {
  readonly connect: {
    readonly url: string;
    readonly token: string;
    readonly from: number;
    readonly count: number;
    readonly service: string;
    readonly services?: number;
  };
}

const IDLE_RESOURCES = [{ id: 0, kind: "process", name: "process" }] as const;

const sockets: WebSocket[] = [];
const IN_FLIGHT = 100;

function connectOne(order: ConnectOrder["connect"], index: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${order.url.replace(/^http/, "ws")}${AGENT_PATH}`, AGENT_SUBPROTOCOL, {
      headers: { authorization: `Bearer ${order.token}` },
      perMessageDeflate: false,
    });
    const held = new Map<string, number>();
    const frames = new FrameEncoder(FRAME_LIVE);
    const idle = new Float64Array(5).fill(2);
    const next = order.services === undefined ? () => idle : busyService(index);
    let seq = 0;
    let beat: NodeJS.Timeout | undefined;
    const send = (message: unknown): void => socket.send(JSON.stringify(message));
    const handle = (message: AgentDown, startedAt: number): void => {
      switch (message.t) {
        case "welcome":
          send({
            t: "declare",
            resources: order.services === undefined ? IDLE_RESOURCES : SERVICE_RESOURCES,
            switches: [
              {
                key: "bench.feature",
                title: "Bench feature",
                whatUsersLose: "Nothing",
                positions: ["on", "off"],
                safeDefault: "on",
                position: "on",
              },
            ],
            retired: [],
          });
          beat = setInterval(() => {
            const row = next();
            socket.send(frames.encode(row, row.length, ++seq, Date.now()));
          }, 1000);
          resolve();
          return;
        case "intent":
          if (message.mode === "full") held.clear();
          return;
        case "put":
          held.set(message.id, message.revision);
          return;
        case "del":
          held.delete(message.id);
          return;
        case "commit": {
          const digest = policyDigest([...held].map(([id, revision]) => ({ id, revision })));
          send({ t: "ack", txn: message.txn, revision: message.revision, digest, appliedMs: performance.now() - startedAt });
          return;
        }
        default:
      }
    };
    socket.on("open", () =>
      send({
        t: "hello",
        v: PROTOCOL_VERSION,
        service: order.services === undefined ? order.service : `${order.service}-${index % order.services}`,
        instance: `bench-${index}`,
        boot: `bench-${process.pid}-${index}`,
        agentVersion: "bench",
        runtime: process.version,
        now: Date.now(),
        startedAt: Date.now(),
        policy: { revision: 0, digest: 0 },
      }),
    );
    socket.on("message", (data: Buffer) => {
      const startedAt = performance.now();
      const parsed = JSON.parse(data.toString()) as AgentDown | AgentDown[];
      for (const message of Array.isArray(parsed) ? parsed : [parsed]) handle(message, startedAt);
    });
    socket.on("error", reject);
    socket.on("close", (code, reason) => {
      clearInterval(beat);
      reject(new Error(`closed ${code} ${reason.toString()}`));
    });
    sockets.push(socket);
  });
}

process.on("message", (order: ConnectOrder | { readonly stop: true }) => {
  if ("stop" in order) {
    for (const socket of sockets) socket.terminate();
    process.exit(0);
  }
  void (async () => {
    const { from, count } = order.connect;
    for (let at = from; at < from + count; at += IN_FLIGHT) {
      const batch = Array.from({ length: Math.min(IN_FLIGHT, from + count - at) }, (_, i) => connectOne(order.connect, at + i));
      await Promise.all(batch);
    }
    process.send?.({ connected: count });
  })().catch((error: unknown) => process.send?.({ failed: String(error) }));
});
process.on("disconnect", () => process.exit(0));

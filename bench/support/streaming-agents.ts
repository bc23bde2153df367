/**
 * Agents that stream the simulated workload at a set pace, several frames a turn, cheaply: frames are encoded before they are sent.
 * Driven over IPC: {url, token, agents, framesPerSecond} -> {streaming}; killed at the end.
 */
import { WebSocket } from "ws";
import { FRAME_LIVE, FrameEncoder } from "../../protocol/frame.ts";
import { AGENT_PATH, AGENT_SUBPROTOCOL, PROTOCOL_VERSION } from "../../protocol/version.ts";
import { simulatedResources, simulateInstance, SLOTS } from "./workload.ts";

interface Order {
  readonly url: string;
  readonly token: string;
  readonly agents: number;
  /** Over all agents together. */
  readonly framesPerSecond: number;
}

const TICK_MS = 20;
const FRAMES = 400;

function connect(order: Order, index: number): Promise<() => void> {
  const simulation = simulateInstance(index % 20);
  const encoder = new FrameEncoder(FRAME_LIVE);
  const start = Date.now();
  const gap = (order.agents * 1000) / order.framesPerSecond;
  const frames = Array.from({ length: FRAMES }, (_, i) =>
    encoder.encode(
      simulation.next().map((value) => value + 1),
      SLOTS,
      i + 1,
      Math.round(start + i * gap),
    ),
  );
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${order.url.replace(/^http/, "ws")}${AGENT_PATH}`, AGENT_SUBPROTOCOL, {
      headers: { authorization: `Bearer ${order.token}` },
      perMessageDeflate: false,
    });
    const now = Date.now();
    const hello = {
      t: "hello",
      v: PROTOCOL_VERSION,
      service: "stream",
      instance: `stream-${index}`,
      boot: `b${process.pid}`,
      agentVersion: "bench",
      runtime: process.version,
      now,
      startedAt: now,
      policy: { revision: 0, digest: 0 },
    };
    socket.on("open", () => socket.send(JSON.stringify(hello)));
    socket.once("message", () => {
      socket.send(JSON.stringify({ t: "declare", resources: simulatedResources(), switches: [], retired: [] }));
      let next = 0;
      resolve(() => {
        const frame = frames[next++];
        if (frame) socket.send(frame);
      });
    });
    socket.on("error", reject);
    socket.on("close", (code, reason) => reject(new Error(`closed ${code} ${reason.toString()}`)));
  });
}

process.on("message", (order: Order) => {
  void (async () => {
    const senders: (() => void)[] = [];
    for (let at = 0; at < order.agents; at += 50) {
      senders.push(...(await Promise.all(Array.from({ length: Math.min(50, order.agents - at) }, (_, i) => connect(order, at + i)))));
    }
    const began = performance.now();
    let sent = 0;
    setInterval(() => {
      const due = Math.floor(((performance.now() - began) / 1000) * order.framesPerSecond);
      for (; sent < due; sent++) senders[sent % senders.length]?.();
    }, TICK_MS);
    process.send?.({ streaming: senders.length });
  })().catch((error: unknown) => process.send?.({ failed: String(error) }));
});
process.on("disconnect", () => process.exit(0));

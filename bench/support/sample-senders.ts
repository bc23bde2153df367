/**
 * Many agents in one process that send a full-sized sample every second, evenly spread over it. The frames are made beforehand and shared:
 * what is measured is the console. Driven over IPC: {url, token, count} -> {connected}.
 */
import { WebSocket } from "ws";
import { FRAME_LIVE, FrameEncoder } from "../../protocol/frame.ts";
import { AGENT_PATH, AGENT_SUBPROTOCOL, PROTOCOL_VERSION } from "../../protocol/version.ts";
import { simulatedResources, simulateInstance, SLOTS } from "./workload.ts";

export interface SendOrder {
  readonly url: string;
  readonly token: string;
  readonly count: number;
}

const SECONDS = 600;
const SIMULATIONS = 8;
const IN_FLIGHT = 100;
const SLOTS_OF_A_SECOND = 1_000;
const base = Date.now();

const recordings: Uint8Array[][] = Array.from({ length: SIMULATIONS }, (_, seed) => {
  const simulation = simulateInstance(seed);
  const encoder = new FrameEncoder(FRAME_LIVE);
  const row = new Float64Array(SLOTS);
  return Array.from({ length: SECONDS }, (__, i) => {
    simulation.next().forEach((value, slot) => (row[slot] = value + 1));
    return encoder.encode(row, SLOTS, i + 1, base + i * 1000 + (i % 3));
  });
});

interface Sender {
  readonly socket: WebSocket;
  readonly frames: readonly Uint8Array[];
  next: number;
}

/** By the millisecond of the second they send in, so that they are spread evenly over it. */
const senders: Sender[][] = Array.from({ length: SLOTS_OF_A_SECOND }, () => []);
const declaration = JSON.stringify({ t: "declare", resources: simulatedResources(), switches: [], retired: [] });

function connect({ url, token, count }: SendOrder, index: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}${AGENT_PATH}`, AGENT_SUBPROTOCOL, {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
    });
    const hello = {
      t: "hello",
      v: PROTOCOL_VERSION,
      service: `bench-${index % 20}`,
      instance: `bench-${index}`,
      boot: `bench-${process.pid}-${index}`,
      agentVersion: "bench",
      runtime: process.version,
      now: base,
      startedAt: base,
      policy: { revision: 0, digest: 0 },
    };
    socket.on("open", () => socket.send(JSON.stringify(hello)));
    socket.once("message", () => {
      socket.send(declaration);
      const phase = Math.floor((index * SLOTS_OF_A_SECOND) / count);
      senders[phase]?.push({ socket, frames: recordings[index % SIMULATIONS] ?? [], next: 0 });
      resolve();
    });
    socket.on("error", reject);
    socket.on("close", (code, reason) => {
      process.send?.({ failed: `closed ${code} ${reason.toString()}` });
    });
  });
}

let sentUpTo = Math.floor(performance.now());

/** Ten thousand timers would cost more than what they send. */
function sendDue(): void {
  for (const now = Math.floor(performance.now()); sentUpTo < now; sentUpTo++) {
    for (const sender of senders[sentUpTo % SLOTS_OF_A_SECOND] ?? []) {
      const frame = sender.frames[sender.next++];
      if (frame) sender.socket.send(frame);
    }
  }
}

process.on("message", (order: SendOrder) => {
  const timer = setInterval(sendDue, 1);
  void (async () => {
    for (let at = 0; at < order.count; at += IN_FLIGHT) {
      await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, order.count - at) }, (_, i) => connect(order, at + i)));
    }
    process.send?.({ connected: order.count });
  })().catch((error: unknown) => {
    clearInterval(timer);
    process.send?.({ failed: String(error) });
  });
});
process.on("disconnect", () => process.exit(0));

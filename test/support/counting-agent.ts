/** An agent that only sends numbered events, remembers which were acknowledged, and sends the rest again after each reconnect. */
import { WebSocket } from "ws";
import type { AgentDown } from "../../protocol/agent-down.ts";
import { AGENT_PATH, AGENT_SUBPROTOCOL, PROTOCOL_VERSION } from "../../protocol/version.ts";

export interface CountingAgent {
  /** Highest sequence ever sent. */
  sent(): number;
  /** Highest sequence the console acknowledged. */
  acknowledged(): number;
  /** Stops making new events; what is not acknowledged is still sent again. */
  pause(): void;
  close(): void;
}

const BATCH = 20;
const WINDOW = 400;

export function startCountingAgent(options: { url: string; token: string; service: string; boot: string }): CountingAgent {
  let sent = 0;
  let acknowledged = 0;
  let producing = true;
  let closed = false;
  let socket: WebSocket | undefined;
  let timer: NodeJS.Timeout | undefined;

  const event = (seq: number): unknown => ({ seq, at: Date.now(), type: "test.counted", data: { seq } });

  function connect(): void {
    const opened = new WebSocket(`${options.url.replace(/^http/, "ws")}${AGENT_PATH}`, AGENT_SUBPROTOCOL, {
      headers: { authorization: `Bearer ${options.token}` },
    });
    socket = opened;
    let cursor = 0;
    const pump = (): void => {
      if (opened.readyState !== WebSocket.OPEN) return;
      const from = cursor + 1;
      const to = Math.min(from + BATCH - 1, producing ? Math.max(sent, acknowledged + WINDOW) : sent, acknowledged + WINDOW);
      if (to < from) return;
      cursor = to;
      sent = Math.max(sent, to);
      opened.send(JSON.stringify({ t: "events", dropped: 0, events: Array.from({ length: to - from + 1 }, (_, i) => event(from + i)) }));
    };
    opened.on("open", () =>
      opened.send(
        JSON.stringify({
          t: "hello",
          v: PROTOCOL_VERSION,
          service: options.service,
          instance: "counter",
          boot: options.boot,
          agentVersion: "test",
          runtime: process.version,
          now: Date.now(),
          startedAt: Date.now(),
          policy: { revision: 0, digest: 0 },
        }),
      ),
    );
    opened.on("message", (data: Buffer) => {
      const parsed = JSON.parse(data.toString()) as AgentDown | AgentDown[];
      for (const message of Array.isArray(parsed) ? parsed : [parsed]) {
        if (message.t === "welcome") {
          acknowledged = Math.max(acknowledged, message.eventsAcked);
          cursor = acknowledged;
          opened.send(JSON.stringify({ t: "declare", resources: [], switches: [], retired: [] }));
          clearInterval(timer);
          timer = setInterval(pump, 250);
          pump();
        } else if (message.t === "ack" && message.events !== undefined) {
          acknowledged = Math.max(acknowledged, message.events);
        }
      }
    });
    opened.on("error", () => undefined);
    opened.on("close", () => {
      clearInterval(timer);
      if (!closed) setTimeout(connect, 50);
    });
  }

  connect();
  return {
    sent: () => sent,
    acknowledged: () => acknowledged,
    pause: () => {
      producing = false;
    },
    close: () => {
      closed = true;
      clearInterval(timer);
      socket?.terminate();
    },
  };
}

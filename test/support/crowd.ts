/** Many cheap agents in one process: they speak the wire, send a sample every second and hear nothing. For fleets of a size. */
import { WebSocket } from "ws";
import { FRAME_LIVE, FrameEncoder } from "../../protocol/frame.ts";
import { columnsOf, type Kind } from "../../protocol/kinds.ts";
import { AGENT_PATH, AGENT_SUBPROTOCOL, PROTOCOL_VERSION } from "../../protocol/version.ts";

export interface CrowdOrder {
  readonly url: string;
  readonly token: string;
  readonly service: string;
  readonly count: number;
  /** What each of them has, in turn of these kinds. */
  readonly resources: number;
  readonly kinds: readonly Kind[];
}

export interface Crowd {
  /** Every agent reports so many events, a hundred at most. */
  say(events: number): void;
  /** Events that the console has on disk. */
  kept(): number;
  close(): void;
}

interface Member {
  say(events: number): void;
  kept(): number;
  close(): void;
}

/** Resolves when every agent is welcome and has declared what it has. */
export async function startCrowd(order: CrowdOrder): Promise<Crowd> {
  const members = await Promise.all(Array.from({ length: order.count }, (_, index) => join(order, index)));
  return {
    say: (events) => members.forEach((member) => member.say(events)),
    kept: () => members.reduce((sum, member) => sum + member.kept(), 0),
    close: () => members.forEach((member) => member.close()),
  };
}

function join({ url, token, service, resources, kinds }: CrowdOrder, index: number): Promise<Member> {
  const declared = Array.from({ length: resources }, (_, id) => {
    const kind = kinds[id % kinds.length] ?? "gauge";
    return { id, kind, name: `${kind}-${String(id)}` };
  });
  const columns = declared.flatMap(({ kind }) => columnsOf(kind));
  // Counters run, gauges wander, states stand still: most slots of every sample are new.
  const row = Float64Array.from(columns, ({ type }) => (type === "state" ? 1 : 100));
  const step = (second: number): void =>
    columns.forEach(({ type }, slot) => {
      if (type === "counter") row[slot] = (row[slot] ?? 0) + 1 + ((slot + index) % 7);
      else if (type === "gauge") row[slot] = 1 + ((slot * 31 + index * 17 + second * 13) % 97);
    });
  const frames = new FrameEncoder(FRAME_LIVE);
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}${AGENT_PATH}`, AGENT_SUBPROTOCOL, {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
  });
  const send = (message: unknown): void => socket.send(JSON.stringify(message));
  let [seq, told, kept] = [0, 0, 0];
  let timer: NodeJS.Timeout | undefined;
  const beat = (): void => {
    step(++seq);
    socket.send(frames.encode(row, row.length, seq, Date.now()));
  };
  return new Promise((resolve, reject) => {
    socket.on("open", () =>
      send({
        t: "hello",
        v: PROTOCOL_VERSION,
        service,
        instance: `${service}-${String(index)}`,
        boot: `crowd-${service}-${String(index)}`,
        agentVersion: "test",
        runtime: process.version,
        now: Date.now(),
        startedAt: Date.now(),
        policy: { revision: 0, digest: 0 },
      }),
    );
    socket.on("message", (data: Buffer) => {
      const parsed = JSON.parse(data.toString()) as { t: string; events?: number } | { t: string; events?: number }[];
      for (const message of Array.isArray(parsed) ? parsed : [parsed]) {
        if (message.t === "ack") kept = Math.max(kept, message.events ?? 0);
        if (message.t !== "welcome") continue;
        send({ t: "declare", resources: declared, switches: [], retired: [] });
        beat();
        timer = setInterval(beat, 1_000);
        resolve({
          say: (events) => {
            const first = told + 1;
            told += events;
            send({
              t: "events",
              dropped: 0,
              events: Array.from({ length: events }, (_, i) => ({ seq: first + i, at: Date.now(), type: "note", data: { text: "said" } })),
            });
          },
          kept: () => kept,
          close: () => socket.terminate(),
        });
      }
    });
    socket.on("error", reject);
    socket.on("close", () => clearInterval(timer));
  });
}

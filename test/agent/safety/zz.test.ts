import { it } from "vitest";
import { openWebSocket } from "../../../agent/src/link/ws-socket.ts";
import { frame, startTorment, upgraded, WELCOME } from "./support/torments.ts";
it("x", async () => {
  const pings = Buffer.concat(Array.from({ length: 1_000 }, () => frame("x".repeat(120), { opcode: 9 })));
  let asked = 0;
  const t = await startTorment(upgraded((socket) => { socket.pause(); socket.write(frame(WELCOME)); const ask = (): void => { if (!socket.destroyed && ++asked < 2000) socket.write(pings, () => setImmediate(ask)); }; ask(); }));
  await new Promise<void>((resolve) => {
    let n = 0, max = 0;
    const s = openWebSocket({ url: t.url.replace("http", "ws") + "/agent/v1", token: "x", handshakeTimeoutMs: 1000 }, {
      opened: () => s.sendText("hi"), text: () => {}, binary: () => {}, heard: () => { n++; max = Math.max(max, s.buffered); }, refused: (c) => console.log("ref", c), closed: (c, r) => { console.log("closed", c, r, n, max, asked); resolve(); },
    });
  });
  await t.close();
});

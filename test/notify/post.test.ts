import { lookup } from "node:dns";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { allowedHosts } from "../../server/notify/allowed-hosts.ts";
import { post, TIME_LIMIT_MS, type Posted, type Resolve } from "../../server/notify/post.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { startReceiver } from "../support/receiver.ts";

let receiver: Awaited<ReturnType<typeof startReceiver>>;
const clock = new FakeClock();
beforeAll(async () => {
  receiver = await startReceiver();
});
beforeEach(() => receiver.received.splice(0));
afterAll(() => receiver.stop());

const local: Resolve = () => Promise.resolve([{ address: "127.0.0.1", family: 4 }]);
function send(url: string, hosts: readonly string[], resolve?: Resolve): Promise<Posted> {
  const posting = { url: new URL(url), headers: { "x-test": "1" }, body: '{"a":"ü"}' };
  return post(posting, { hosts: allowedHosts(hosts), clock, ...(resolve ? { resolve } : {}) });
}

describe("one request to a sink", () => {
  it("goes to an address that is named, and says what was answered", async () => {
    receiver.answer(202, { "retry-after": "7" }, "accepted\n  by us");
    expect(await send(receiver.url, [receiver.host])).toEqual({
      ...{ ok: true, code: 202, answer: "accepted by us", error: null, retryAfterMs: 7_000, tookMs: 0 },
    });
    expect(receiver.received).toMatchObject([
      { body: '{"a":"ü"}', headers: { "x-test": "1", "user-agent": "holdfast", "content-type": "application/json" } },
    ]);
  });

  it("is not made to a host that is not named, nor to a name that leads into our own network", async () => {
    const port = String(receiver.port);
    expect(await send(receiver.url, ["hooks.slack.com"])).toMatchObject({
      ok: false,
      code: null,
      error: expect.stringMatching(/not one of the hosts/),
    });
    const inside = await send(`http://relay.example:${port}/`, [`http://relay.example:${port}`], local);
    expect(inside.error).toBe(
      "relay.example is at 127.0.0.1, which is not public; if that is meant, add the address to HOLDFAST_NOTIFY_HOSTS",
    );
    // One bad address among good ones is enough.
    const mixed: Resolve = () =>
      Promise.resolve([
        { address: "93.184.216.34", family: 4 },
        { address: "169.254.169.254", family: 4 },
      ]);
    expect((await send(`http://relay.example:${port}/`, [`http://relay.example:${port}`], mixed)).error).toMatch(/169\.254\.169\.254/);
    expect(receiver.received).toEqual([]);
  });

  it("goes to the address that was checked, though the name says something else a moment later", async () => {
    let asked = 0;
    const turning: Resolve = () => Promise.resolve([{ address: asked++ === 0 ? "127.0.0.1" : "127.0.0.9", family: 4 }]);
    const port = String(receiver.port);
    // A name that the system itself does not know: whoever asked again would fail.
    const url = `http://turning.invalid:${port}/`;
    await expect(
      new Promise((resolve, reject) => lookup("turning.invalid", (error) => (error ? reject(error) : resolve(0)))),
    ).rejects.toThrow();
    receiver.answer(200);
    expect(await send(url, [`http://turning.invalid:${port}`, "127.0.0.1/32"], turning)).toMatchObject({ ok: true, code: 200 });
    expect(asked).toBe(1);
    expect(receiver.received[0]?.headers.host).toBe(`turning.invalid:${port}`);
  });

  it("follows no redirect", async () => {
    receiver.answer(307, { location: receiver.url });
    expect(await send(receiver.url, [receiver.host])).toMatchObject({
      ok: false,
      code: 307,
      error: "answered 307; redirects are not followed",
    });
    expect(receiver.received).toHaveLength(1);
  });

  it("reads little, and never shows the address", async () => {
    receiver.respond((response, { path }) => void response.end(`no such path ${path}\u0000 ${"x".repeat(1_000_000)}`));
    const { answer, ok } = await send(receiver.url, [receiver.host]);
    expect(ok).toBe(true);
    expect(answer).toMatch(/^no such path \[cut\]/);
    expect(answer).toHaveLength(200);
  });

  it("ends after its time limit, whether the receiver never answers or never ends its answer", async () => {
    for (const begin of [false, true]) {
      const reached = new Promise<void>((resolve) =>
        receiver.respond((response) => {
          if (begin) response.writeHead(200).write("a");
          resolve();
        }),
      );
      const sent = send(receiver.url, [receiver.host]);
      await reached;
      clock.advance(TIME_LIMIT_MS);
      expect(await sent).toMatchObject({ ok: false, code: null, error: "no answer within 10 s", tookMs: TIME_LIMIT_MS });
    }
  });

  it("says in a word why there was no answer", async () => {
    const gone = await startReceiver();
    await gone.stop();
    expect((await send(gone.url, [gone.host])).error).toBe("the connection was refused");
    const unknown: Resolve = () => Promise.reject(Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" }));
    expect((await send("https://x.example/", ["x.example"], unknown)).error).toBe("the host is not known to DNS");
    receiver.respond((response) => void response.destroy());
    expect((await send(receiver.url, [receiver.host])).error).toBe("the connection was cut");
  });
});

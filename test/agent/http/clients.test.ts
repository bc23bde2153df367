import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable, Writable } from "node:stream";
import { Agent, fetch as undiciFetch, interceptors, request, stream } from "undici";
import { afterEach, describe, expect, it } from "vitest";
import {
  AnswerError,
  currentPriority,
  deadlineInterceptor,
  remainingMs,
  resilientFetch,
  withDeadline,
  withPriority,
  wrapHandler,
  type PipelineLike,
} from "../../../agent/src/entry-http.ts";
import { until } from "../support/until.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Answers in turn with these; the last one again and again. */
async function answering(...answers: { status: number; headers?: Record<string, string>; body?: string }[]) {
  const heard: IncomingMessage[] = [];
  const url = await listening((message, response) => {
    const { status, headers, body } = answers[Math.min(heard.push(message), answers.length) - 1]!;
    response.writeHead(status, headers).end(body ?? `answer ${heard.length}`);
  });
  return { url, heard };
}

function composed(options?: Parameters<typeof deadlineInterceptor>[0]) {
  const agent = new Agent().compose(deadlineInterceptor(options));
  closers.push(() => agent.close());
  return agent;
}

/** Tries at most `attempts` times, at once, and remembers what it was told. */
function eagerPipeline(attempts: number) {
  const errors: unknown[] = [];
  const told: (boolean | undefined)[] = [];
  const pipeline: PipelineLike = {
    run: async (fn, options) => {
      told.push(options?.idempotent);
      for (let attempt = 1; ; attempt++) {
        try {
          return await fn({ signal: new AbortController().signal });
        } catch (error) {
          errors.push(error);
          if (attempt === attempts) throw error;
        }
      }
    },
  };
  return { pipeline, errors, told };
}

describe("a chain of three services", () => {
  it("passes on a budget that shrinks and a priority that stays", async () => {
    interface Hop {
      readonly heard: number;
      readonly priority: string | undefined;
      readonly left: number;
      readonly next?: Hop;
    }
    const hop = (message: IncomingMessage, next?: Hop): string =>
      JSON.stringify({
        heard: Number(message.headers["x-holdfast-deadline-ms"]),
        priority: currentPriority(),
        left: remainingMs(),
        next,
      });
    const dispatcher = composed({ marginMs: 20 });
    const call = resilientFetch(fetch, { marginMs: 20 });

    const third = await listening(wrapHandler((message, response) => response.end(hop(message))));
    const second = await listening(
      wrapHandler(async (message, response) => {
        const { body } = await request(third, { dispatcher });
        response.end(hop(message, (await body.json()) as Hop));
      }),
    );
    const first = await listening(
      wrapHandler(
        async (message, response) => {
          response.end(hop(message, (await (await call(second)).json()) as Hop));
        },
        { edge: true, priorityOf: () => "high", deadline: { defaultMs: 9_000 } },
      ),
    );

    const a = (await (
      await fetch(first, { headers: { "x-holdfast-deadline-ms": "60000", baggage: "holdfast.priority=critical" } })
    ).json()) as Hop;
    const b = a.next!;
    const c = b.next!;
    expect([a.priority, b.priority, c.priority]).toEqual(["high", "high", "high"]);
    expect(b.heard).toBeLessThanOrEqual(9_000 - 20);
    expect(c.heard).toBeLessThanOrEqual(b.heard - 20);
    expect(c.heard).toBeGreaterThan(0);
    expect(b.left).toBeLessThanOrEqual(b.heard);
    expect(c.left).toBeLessThanOrEqual(c.heard);
  });

  it("stops at the first service whose caller has no time left", async () => {
    const { url, heard } = await answering({ status: 200 });
    const call = resilientFetch(fetch, { marginMs: 10_000 });
    const front = await listening(
      wrapHandler(async (_message, response) => {
        response.end(await call(url).then(String, (error: unknown) => (error as { code: string }).code));
      }),
    );
    expect(await (await fetch(front, { headers: { "grpc-timeout": "5S" } })).text()).toBe("deadline_exceeded");
    expect(heard).toEqual([]);
  });
});

describe("resilientFetch", () => {
  it("writes the deadline, shorter ones win, Envoy only when asked", async () => {
    const { url, heard } = await answering({ status: 200 });
    await withDeadline(5_000, async () => {
      await resilientFetch()(url);
      await resilientFetch()(url, { headers: { "X-Holdfast-Deadline-Ms": "70" } });
      await resilientFetch(fetch, { envoy: true, marginMs: 0 })(new Request(url, { headers: { "x-own": "kept" } }));
    });
    await resilientFetch()(url);
    const [plain, shorter, envoy, none] = heard.map(({ headers }) => headers);
    expect(Number(plain!["x-holdfast-deadline-ms"])).toBeLessThanOrEqual(4_995);
    expect(plain!["x-envoy-upstream-rq-timeout-ms"]).toBeUndefined();
    expect(shorter!["x-holdfast-deadline-ms"]).toBe("70");
    expect(envoy!["x-envoy-upstream-rq-timeout-ms"]).toBe(envoy!["x-holdfast-deadline-ms"]);
    expect(envoy!["x-own"]).toBe("kept");
    expect(none!["x-holdfast-deadline-ms"]).toBeUndefined();
    expect(none!["baggage"]).toBeUndefined();
  });

  it("writes the priority beside the baggage that is there", async () => {
    const { url, heard } = await answering({ status: 200 });
    await withPriority("low", () => resilientFetch()(url, { headers: { baggage: "tenant=7,holdfast.priority=critical" } }));
    expect(heard[0]!.headers["baggage"]).toBe("tenant=7,holdfast.priority=low");
  });

  it("gives up when the deadline passes while it waits for an answer, and while a body is read", async () => {
    const mute = await listening(() => undefined);
    await expect(withDeadline(40, () => resilientFetch()(mute))).rejects.toMatchObject({ code: "deadline_exceeded" });
    const endless = await listening((_message, response) => response.write("half"));
    const response = await withDeadline(800, () => resilientFetch(fetch, { marginMs: 0 })(endless));
    await expect(response.text()).rejects.toThrow();
  });

  it("follows the caller's signal, also while a body is read", async () => {
    const endless = await listening((_message, response) => response.write("half"));
    const caller = new AbortController();
    const response = await resilientFetch(fetch, { pipeline: eagerPipeline(1).pipeline })(endless, { signal: caller.signal });
    caller.abort(new Error("went home"));
    // Node 20 says that it was aborted, newer ones why.
    await expect(response.text()).rejects.toThrow(/aborted|went home/);
    await expect(resilientFetch()(endless, { signal: caller.signal })).rejects.toThrow("went home");
  });

  it("tells a pipeline what failed and for how long to wait, and gives the caller the answer that worked", async () => {
    const { url, heard } = await answering(
      { status: 503, headers: { "retry-after": "7", "x-envoy-overloaded": "true" } },
      { status: 429, headers: { "retry-after": "2" } },
      { status: 500 },
      { status: 200 },
    );
    const { pipeline, errors } = eagerPipeline(5);
    const response = await resilientFetch(fetch, { pipeline })(url);
    expect([response.status, await response.text(), heard.length]).toEqual([200, "answer 4", 4]);
    expect(errors).toMatchObject([
      { status: 503, retryAfterMs: 7_000, overloaded: true },
      { status: 429, retryAfterMs: 2_000, overloaded: false },
      { status: 500, retryAfterMs: undefined, overloaded: false },
    ]);
    expect(errors.every((error) => error instanceof AnswerError)).toBe(true);
  });

  it("gives the caller the last answer, still readable, when none worked", async () => {
    const { url } = await answering({ status: 502 });
    const response = await resilientFetch(fetch, { pipeline: eagerPipeline(3).pipeline })(url);
    expect([response.status, await response.text()]).toEqual([502, "answer 3"]);
  });

  it("lets client errors pass as answers, and errors of the network as errors", async () => {
    const { url, heard } = await answering({ status: 404 });
    const { pipeline, errors } = eagerPipeline(2);
    expect((await resilientFetch(fetch, { pipeline })(url)).status).toBe(404);
    expect([heard.length, errors]).toEqual([1, []]);
    await expect(resilientFetch(fetch, { pipeline })("http://127.0.0.1:1/")).rejects.toThrow("fetch failed");
    expect(errors).toHaveLength(2);
  });

  it("releases the connections of answers that nobody reads", async () => {
    const closed: string[] = [];
    const url = await listening((message, response) => {
      response.writeHead(500).write("never ends");
      response.once("close", () => closed.push(message.url ?? ""));
    });
    const { pipeline } = eagerPipeline(3);
    const response = await resilientFetch(fetch, { pipeline })(url);
    await until("the first two are closed", () => closed.length === 2);
    await response.body!.cancel();
  });

  it("says what may be sent twice: by method or Idempotency-Key, never a stream", async () => {
    const { url } = await answering({ status: 200 });
    const { pipeline, told } = eagerPipeline(1);
    const call = resilientFetch(fetch, { pipeline });
    await call(url);
    await call(url, { method: "put", body: "x" });
    await call(url, { method: "POST", body: "x" });
    await call(url, { method: "POST", body: "x", headers: { "Idempotency-Key": '"1"' } });
    await call(url, { method: "PUT", body: Readable.toWeb(Readable.from(["x"])) as ReadableStream, duplex: "half" } as RequestInit);
    await call(new Request(url, { method: "PUT", body: "x" }));
    await call(new Request(url));
    expect(told).toEqual([true, true, false, true, false, false, true]);
  });
});

describe("deadlineInterceptor", () => {
  it("writes on requests however their headers are held", async () => {
    const { url, heard } = await answering({ status: 200 });
    const dispatcher = composed();
    const shapes = [
      { "X-Own": "1", Baggage: "tenant=7" },
      ["X-Own", "1", "Baggage", "tenant=7"],
      new Headers({ "X-Own": "1", Baggage: "tenant=7" }),
      new Map([
        ["X-Own", "1"],
        ["Baggage", "tenant=7"],
      ]),
    ];
    for (const headers of shapes)
      await withDeadline(5_000, () => withPriority("critical", async () => (await request(url, { dispatcher, headers })).body.dump()));
    for (const { headers } of heard) {
      expect(headers).toMatchObject({ "x-own": "1", baggage: "tenant=7,holdfast.priority=critical" });
      expect(Number(headers["x-holdfast-deadline-ms"])).toBeLessThanOrEqual(4_995);
    }
    expect(heard).toHaveLength(4);
  });

  it("keeps repeated headers and writes nothing outside a call", async () => {
    const { url, heard } = await answering({ status: 200 });
    const dispatcher = composed();
    await (await request(url, { dispatcher, headers: ["x-own", "1", "x-own", "2"] })).body.dump();
    await (await request(url, { dispatcher })).body.dump();
    expect(heard[0]!.headers["x-own"]).toBe("1, 2");
    expect(heard[1]!.headers["x-holdfast-deadline-ms"]).toBeUndefined();
    expect(heard[1]!.headers["baggage"]).toBeUndefined();
  });

  it("fails a request without time before it takes a connection, in each way of asking", async () => {
    const { url, heard } = await answering({ status: 200 });
    const dispatcher = composed();
    const gone = { code: "deadline_exceeded" };
    await withDeadline(0, async () => {
      await expect(request(url, { dispatcher })).rejects.toMatchObject(gone);
      await expect(stream(url, { dispatcher, method: "GET" }, () => new Writable())).rejects.toMatchObject(gone);
      await expect(undiciFetch(url, { dispatcher })).rejects.toMatchObject({ cause: gone });
    });
    expect(heard).toEqual([]);
  });

  it("gets on with undici's own retries: each attempt has less time", async () => {
    const { url, heard } = await answering({ status: 503 }, { status: 503 }, { status: 200 });
    const agent = new Agent().compose(deadlineInterceptor(), interceptors.retry({ minTimeout: 5, maxRetries: 3 }));
    closers.push(() => agent.close());
    await withDeadline(5_000, async () => (await request(url, { dispatcher: agent })).body.dump());
    const left = heard.map(({ headers }) => Number(headers["x-holdfast-deadline-ms"]));
    expect(left).toHaveLength(3);
    expect(left[2]).toBeLessThan(left[0]!);
  });

  it("works with the fetch of undici and with that of Node", async () => {
    const { url, heard } = await answering({ status: 200 });
    const dispatcher = composed();
    await withDeadline(5_000, async () => {
      await undiciFetch(url, { dispatcher });
      await fetch(url, { dispatcher } as RequestInit);
    });
    expect(heard.map(({ headers }) => Number(headers["x-holdfast-deadline-ms"]) <= 4_995)).toEqual([true, true]);
  });
});

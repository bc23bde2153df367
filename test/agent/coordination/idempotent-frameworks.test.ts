import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import { afterEach, describe, expect, it } from "vitest";
import {
  idempotent,
  idempotentExpress,
  idempotentFastify,
  idempotentFetch,
  idempotentHono,
  idempotentNode,
  memoryIdempotency,
  type Idempotency,
} from "../../../agent/src/entry-coordination.ts";
import { until } from "../support/until.ts";

/** Answers a payment: 201 with a number that counts the runs; `status` in the body answers that; waits for `gate`. */
interface Shop {
  runs: number;
  gate: Promise<void>;
}
interface Order {
  readonly amount: number;
  readonly status?: number;
  readonly throws?: boolean;
}
type Call = (path: string, init: RequestInit) => Promise<Response>;
interface Served {
  readonly call: Call;
  close(): Promise<void>;
}

async function pay(shop: Shop, order: Order): Promise<{ status: number; body: string }> {
  const run = ++shop.runs;
  await shop.gate;
  if (order.throws === true) throw new Error("boom");
  return { status: order.status ?? 201, body: JSON.stringify({ run, amount: order.amount }) };
}

async function listen(listener: RequestListener): Promise<Served> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    call: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init),
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const frameworks: Record<string, (guard: Idempotency, shop: Shop) => Promise<Served>> = {
  "node:http": (guard, shop) => {
    const handler = idempotentNode(guard, async (_request, response, body) => {
      const answer = await pay(shop, body.length === 0 ? { amount: 0 } : (JSON.parse(body.toString()) as Order));
      response.writeHead(answer.status, { "content-type": "application/json", location: `/payments/1`, "set-cookie": "a=b" });
      response.write(answer.body.slice(0, 3));
      response.end(answer.body.slice(3));
    });
    return listen((request, response) => {
      handler(request, response).catch(() => response.writeHead(500).end());
    });
  },
  Express: (guard, shop) => {
    const app = express();
    app.use(express.json());
    app.all("/payments", idempotentExpress(guard), async (request, response) => {
      const answer = await pay(shop, (request.body ?? { amount: 0 }) as Order);
      response.status(answer.status).location("/payments/1").cookie("a", "b").type("json").send(answer.body);
    });
    return listen(app);
  },
  Fastify: async (guard, shop) => {
    const app = Fastify();
    app.route({
      method: ["GET", "POST"],
      url: "/payments",
      preHandler: idempotentFastify(guard),
      handler: async (request, reply) => {
        const answer = await pay(shop, (request.body ?? { amount: 0 }) as Order);
        return reply
          .code(answer.status)
          .headers({ location: "/payments/1", "set-cookie": "a=b", "content-type": "application/json" })
          .send(answer.body);
      },
    });
    await app.listen({ port: 0, host: "127.0.0.1" });
    const { port } = app.server.address() as AddressInfo;
    return {
      call: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init),
      close: () => {
        app.server.closeAllConnections();
        return app.close();
      },
    };
  },
  Hono: async (guard, shop) => {
    const app = new Hono();
    app.onError((error, c) => c.text(error.message, 500));
    app.all("/payments", idempotentHono(guard), async (c) => {
      const order = c.req.method === "GET" ? { amount: 0 } : await c.req.json<Order>();
      const answer = await pay(shop, order);
      return c.body(answer.body, answer.status as 201, {
        location: "/payments/1",
        "set-cookie": "a=b",
        "content-type": "application/json",
      });
    });
    return { call: async (path, init) => app.request(path, init), close: async () => undefined };
  },
  "a fetch handler": async (guard, shop) => {
    const handler = idempotentFetch(guard, async (request) => {
      const answer = await pay(shop, request.body === null ? { amount: 0 } : ((await request.json()) as Order));
      const headers = { location: "/payments/1", "set-cookie": "a=b", "content-type": "application/json" };
      return new Response(answer.body, { status: answer.status, headers });
    });
    const call: Call = (path, init) =>
      handler(new Request(`http://shop.test${path}`, init)).catch(() => new Response(null, { status: 500 }));
    return { call, close: async () => undefined };
  },
};

describe.each(Object.entries(frameworks))("idempotent requests over %s", (_name, serve) => {
  let served: Served | null = null;
  let guard: Idempotency | null = null;
  afterEach(async () => {
    guard?.close();
    await served?.close();
  });

  async function start(options: Partial<Parameters<typeof idempotent>[1]> = {}) {
    const shop: Shop = { runs: 0, gate: Promise.resolve() };
    guard = idempotent(memoryIdempotency(), { scope: (request) => request.header("authorization") ?? "", ...options });
    served = await serve(guard, shop);
    const { call } = served;
    const post = (order: Order, key: string | null, headers: Record<string, string> = {}) =>
      call("/payments", {
        method: "POST",
        headers: { "content-type": "application/json", ...(key === null ? {} : { "idempotency-key": key }), ...headers },
        body: JSON.stringify(order),
      });
    return { shop, post, call };
  }

  it("runs the first and replays its status, body and chosen headers", async () => {
    const { shop, post } = await start();
    const first = await post({ amount: 5 }, '"key-1"');
    expect(first.status).toBe(201);
    expect(first.headers.get("idempotency-replayed")).toBeNull();
    expect(await first.json()).toEqual({ run: 1, amount: 5 });
    const again = await post({ amount: 5 }, "key-1");
    expect(again.status).toBe(201);
    expect(await again.json()).toEqual({ run: 1, amount: 5 });
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(again.headers.get("location")).toBe("/payments/1");
    expect(again.headers.get("content-type")).toContain("application/json");
    expect(again.headers.get("set-cookie")).toBeNull();
    expect(shop.runs).toBe(1);
    for (const { headers } of [first, again]) {
      const left = Date.parse(headers.get("idempotency-expires") ?? "") - Date.now();
      expect(left > 23 * 3_600_000 && left <= 24 * 3_600_000).toBe(true);
    }
  });

  it("answers 400 without a key and with one that is malformed, as a problem", async () => {
    const { shop, post } = await start({ docs: "https://shop.test/docs" });
    for (const key of [null, '"open', "two words", '"a" "b"']) {
      const answer = await post({ amount: 1 }, key);
      expect(answer.status).toBe(400);
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect(answer.headers.get("link")).toBe('<https://shop.test/docs>; rel="describedby"');
      expect(await answer.json()).toMatchObject({ status: 400, type: "https://shop.test/docs" });
    }
    expect(shop.runs).toBe(0);
  });

  it("runs without a key when none is required, and leaves other methods alone", async () => {
    const { shop, post, call } = await start({ required: false });
    expect((await post({ amount: 1 }, null)).status).toBe(201);
    expect((await post({ amount: 1 }, null)).status).toBe(201);
    expect((await post({ amount: 1 }, '"open')).status).toBe(400);
    expect((await call("/payments", { method: "GET", headers: { "idempotency-key": "k" } })).status).toBe(201);
    expect(shop.runs).toBe(3);
  });

  it("answers 409 while the first runs and 422 to another payload", async () => {
    const { shop, post } = await start();
    let open: () => void = () => undefined;
    shop.gate = new Promise((resolve) => (open = resolve));
    const first = post({ amount: 5 }, "key-1");
    await until("it runs", () => shop.runs === 1);
    const meanwhile = await post({ amount: 5 }, "key-1");
    expect(meanwhile.status).toBe(409);
    expect(meanwhile.headers.get("retry-after")).toBe("1");
    expect((await post({ amount: 6 }, "key-1")).status).toBe(422);
    open();
    expect((await first).status).toBe(201);
    expect((await post({ amount: 6 }, "key-1")).status).toBe(422);
    expect(shop.runs).toBe(1);
  });

  it("does not mix up callers", async () => {
    const { shop, post } = await start();
    await post({ amount: 5 }, "key-1", { authorization: "ann" });
    const other = await post({ amount: 5 }, "key-1", { authorization: "bob" });
    expect(await other.json()).toEqual({ run: 2, amount: 5 });
    expect(shop.runs).toBe(2);
  });

  it("keeps 4xx outcomes, and frees the key after a 5xx one and after a handler that throws", async () => {
    const { shop, post } = await start();
    expect((await post({ amount: 1, status: 404 }, "a")).status).toBe(404);
    const kept = await post({ amount: 1, status: 404 }, "a");
    expect(kept.headers.get("idempotency-replayed")).toBe("true");
    const failed = await post({ amount: 1, status: 503 }, "b");
    expect(failed.status).toBe(503);
    expect(failed.headers.get("idempotency-expires")).toBeNull();
    expect((await post({ amount: 1, status: 503 }, "b")).headers.get("idempotency-replayed")).toBeNull();
    expect((await post({ amount: 1, throws: true }, "c")).status).toBe(500);
    expect((await post({ amount: 1, throws: true }, "c")).status).toBe(500);
    expect(shop.runs).toBe(5);
  });

  it("keeps what it is told to keep", async () => {
    const { shop, post } = await start({ keep: () => true });
    await post({ amount: 1, status: 503 }, "b");
    expect((await post({ amount: 1, status: 503 }, "b")).headers.get("idempotency-replayed")).toBe("true");
    expect(shop.runs).toBe(1);
  });

  it("never runs twice for an answer that was too long to keep, and says so", async () => {
    const { shop, post } = await start({ maxBodyBytes: 5 });
    const first = await post({ amount: 5 }, "key-1");
    expect(await first.json()).toEqual({ run: 1, amount: 5 });
    const again = await post({ amount: 5 }, "key-1");
    expect(again.status).toBe(409);
    expect(await again.text()).toContain("too long to keep");
    expect(shop.runs).toBe(1);
  });
});

describe("over node:http", () => {
  it("keeps the outcome of a handler whose client hung up, for the repetition", async () => {
    let runs = 0;
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const guard = idempotent(memoryIdempotency(), { scope: () => "" });
    const server = await listen((request, response) => {
      void idempotentNode(guard, async (_request, answer) => {
        runs++;
        await gate;
        answer.end("paid");
      })(request, response);
    });
    const impatient = new AbortController();
    const headers = { "idempotency-key": "k" };
    const first = server.call("/", { method: "POST", headers, signal: impatient.signal }).catch(() => "gone");
    await until("it runs", () => runs === 1);
    impatient.abort();
    expect(await first).toBe("gone");
    open();
    const again = await until("the outcome is there", async () => {
      const answer = await server.call("/", { method: "POST", headers });
      return answer.status === 200 ? answer : null;
    });
    expect(await again.text()).toBe("paid");
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(runs).toBe(1);
    await server.close();
    guard.close();
  });

  it("answers 413 to a request that is too large to compare", async () => {
    const guard = idempotent(memoryIdempotency(), { scope: () => "" });
    const server = await listen((request, response) => {
      void idempotentNode(guard, (_request, answer) => answer.end(), { maxRequestBytes: 10 })(request, response);
    });
    expect((await server.call("/", { method: "POST", headers: { "idempotency-key": "k" }, body: "x".repeat(11) })).status).toBe(413);
    await server.close();
    guard.close();
  });

  it("replays bytes that are no text", async () => {
    const guard = idempotent(memoryIdempotency(), { scope: () => "" });
    const bytes = Uint8Array.from([0, 255, 128, 7]);
    const server = await listen((request, response) => {
      void idempotentNode(guard, (_request, answer) => answer.end(bytes))(request, response);
    });
    for (const replayed of [null, "true"]) {
      const answer = await server.call("/", { method: "POST", headers: { "idempotency-key": "k" } });
      expect(answer.headers.get("idempotency-replayed")).toBe(replayed);
      expect(new Uint8Array(await answer.arrayBuffer())).toEqual(bytes);
    }
    await server.close();
    guard.close();
  });
});

describe("over Express", () => {
  it("refuses to compare a body that nobody parsed", async () => {
    const guard = idempotent(memoryIdempotency(), { scope: () => "" });
    const app = express();
    app.post("/", idempotentExpress(guard), (_request, response) => void response.end("ran"));
    app.use((error: Error, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
      response.status(500).end(error.message);
    });
    const server = await listen(app);
    const answer = await server.call("/", { method: "POST", headers: { "idempotency-key": "k" }, body: "text" });
    expect(await answer.text()).toContain("after the body parser");
    await server.close();
    guard.close();
  });
});

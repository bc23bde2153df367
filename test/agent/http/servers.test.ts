import { createServer, type RequestListener, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import { NextRequest, NextResponse } from "next/server.js";
import { afterEach, describe, expect, it } from "vitest";
import {
  createGuard,
  currentPriority,
  expressGuard,
  fastifyGuard,
  honoGuard,
  remainingMs,
  withDeadline,
  wrapHandler,
  wrapRoute,
  wrapRoutes,
  type Guard,
} from "../../../agent/src/entry-http.ts";
import { RateLimiter } from "../../../agent/src/resilience/rate-limiter.ts";
import { LoadShedder } from "../../../agent/src/resilience/shedder.ts";
import { until } from "../support/until.ts";
import { fakeLimiter, fakeShedder } from "./fakes.ts";

/** What a handler saw of its call. */
interface Seen {
  readonly priority: string | null;
  readonly hasDeadline: boolean;
  readonly within: boolean;
  readonly baggage: string | null;
  readonly body: unknown;
}

function seen(baggage: string | null | undefined, body: unknown = null): Seen {
  const left = remainingMs();
  return {
    priority: currentPriority() ?? null,
    hasDeadline: left !== Infinity,
    within: left > 0 && left <= 30_000,
    baggage: baggage ?? null,
    body,
  };
}

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listening(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

type Ask = (init?: RequestInit) => Promise<Response>;

/** Each framework behind the same guard. The handler reads the body, then says what it sees: the call must outlive the parsing. */
const frameworks: Record<string, (guard: Guard<unknown>) => Promise<Ask>> = {
  "node:http": async (guard) => {
    const url = await listening(
      wrapHandler((request, response) => {
        let text = "";
        request.on("data", (chunk: Buffer) => (text += chunk.toString()));
        request.on("end", () =>
          response.end(JSON.stringify(seen(request.headers["baggage"] as string, text === "" ? null : JSON.parse(text)))),
        );
      }, guard),
    );
    return (init) => fetch(url, init);
  },
  "Express 5": async (guard) => {
    const app = express();
    app.use(expressGuard(guard));
    app.use(express.json());
    app.all("/", (request, response) => {
      response.json(seen(request.headers["baggage"] as string, request.body ?? null));
    });
    const url = await listening(app);
    return (init) => fetch(url, init);
  },
  "Fastify 5": async (guard) => {
    const app = fastify();
    await app.register(fastifyGuard(guard));
    app.route({
      method: ["GET", "POST"],
      url: "/",
      handler: async (request) => seen(request.headers["baggage"] as string, request.body ?? null),
    });
    const url = await app.listen({ port: 0, host: "127.0.0.1" });
    closers.push(() => app.close());
    return (init) => fetch(url, init);
  },
  Hono: async (guard) => {
    const app = new Hono();
    app.use(honoGuard(guard));
    app.all("/", async (c) => {
      const text = await c.req.text();
      return c.json(seen(c.req.header("baggage"), text === "" ? null : JSON.parse(text)));
    });
    const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }) as Server;
    await once(server, "listening");
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    return (init) => fetch(url, init);
  },
  "a Next route": async (guard) => {
    const handler = async (request: NextRequest) => {
      const text = await request.text();
      return NextResponse.json(seen(request.headers.get("baggage"), text === "" ? null : JSON.parse(text)));
    };
    const routes = wrapRoutes({ GET: handler, POST: handler }, guard);
    return (init) => routes[init?.method === "POST" ? "POST" : "GET"](new NextRequest("http://shop.test/", init as never));
  },
};

describe.each(Object.entries(frameworks))("a guard in front of %s", (_name, build) => {
  const ask = async (guard: Guard<unknown>, init?: RequestInit) => {
    closers.push(() => guard.close());
    return (await build(guard))(init);
  };

  it("lets a request in with its class and the time it has left", async () => {
    const shedder = fakeShedder();
    const response = await ask(createGuard({ shedder }), {
      headers: { "x-holdfast-deadline-ms": "30000", baggage: "tenant=7,holdfast.priority=high" },
    });
    expect(await response.json()).toEqual({
      priority: "high",
      hasDeadline: true,
      within: true,
      baggage: "tenant=7,holdfast.priority=high",
      body: null,
    });
    expect(shedder.entered).toEqual([[2, undefined]]);
    await until("the visit is over", () => shedder.left.length === 1);
  });

  it("keeps the call while a body is read", async () => {
    const response = await ask(createGuard({ priorityOf: () => "low", deadline: { defaultMs: 30_000 } }), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ order: 1 }),
    });
    expect(await response.json()).toMatchObject({ priority: "low", within: true, body: { order: 1 } });
  });

  it("is medium and without a deadline when nobody says otherwise", async () => {
    const response = await ask(createGuard({ priorityOf: () => undefined }));
    expect(await response.json()).toMatchObject({ priority: "medium", hasDeadline: false });
  });

  it("takes the class of a stranger away at the edge, and reads the browser's urgency", async () => {
    const response = await ask(createGuard({ edge: true }), {
      headers: { baggage: "tenant=7,holdfast.priority=critical", priority: "u=5, i" },
    });
    const answer = (await response.json()) as Seen;
    expect(answer.priority).toBe("low");
    expect(answer.baggage).toBe("tenant=7");
  });

  it("answers 504 when the caller's time is over, before anyone is asked", async () => {
    const shedder = fakeShedder();
    const limiter = fakeLimiter();
    const response = await ask(createGuard({ shedder, limiter, deadline: { refuseBelowMs: 20 } }), {
      headers: { "x-envoy-expected-rq-timeout-ms": "15" },
    });
    expect(response.status).toBe(504);
    expect(response.headers.get("content-type")).toContain("application/problem+json");
    expect(await response.json()).toMatchObject({ status: 504, title: "Gateway Timeout" });
    expect([shedder.entered, limiter.asked]).toEqual([[], []]);
  });

  it("answers 503 with Retry-After when the shedder says no", async () => {
    const response = await ask(createGuard({ shedder: fakeShedder({ room: false }), cohortOf: () => 42 }));
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("3");
    expect(response.headers.get("x-envoy-overloaded")).toBe("true");
    expect(await response.json()).toMatchObject({ status: 503 });
  });

  it("answers 429 with Retry-After and RateLimit when the limiter says wait", async () => {
    const limiter = fakeLimiter({ waitMs: 1_200 });
    const shedder = fakeShedder();
    const response = await ask(createGuard({ limiter, shedder, keyOf: () => "tenant-7" }));
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBe("2");
    expect(response.headers.get("ratelimit")).toBe('"default";r=0;t=2');
    expect(limiter.asked).toEqual(["tenant-7"]);
    expect(shedder.entered).toEqual([]);
  });

  it("serves on when the host's own functions throw", async () => {
    const broken = () => {
      throw new Error("broken");
    };
    const response = await ask(
      createGuard({ priorityOf: broken, keyOf: broken, cohortOf: broken, limiter: fakeLimiter(), shedder: fakeShedder() }),
    );
    expect(response.status).toBe(200);
  });
});

describe("a guard", () => {
  it("takes the rate limiter and the load shedder of this package", async () => {
    const limiter = new RateLimiter("per tenant", { limit: 3, periodMs: 1_500, burst: 1 });
    const shedder = new LoadShedder("door");
    closers.push(
      () => limiter.close(),
      () => shedder.close(),
    );
    const url = await listening(
      wrapHandler((_request, response) => response.end(String(shedder.inFlight)), {
        limiter,
        shedder,
        keyOf: (request) => request.headers["x-tenant"] as string | undefined,
      }),
    );
    const ask = (tenant: string) => fetch(url, { headers: { "x-tenant": tenant } });
    expect(await (await ask("a")).text()).toBe("1");
    const refused = await ask("a");
    expect(refused.status).toBe(429);
    expect(refused.headers.get("ratelimit")).toBe('"default";r=0;t=1');
    expect(refused.headers.get("ratelimit-policy")).toBe('"default";q=4;w=2');
    expect((await ask("b")).status).toBe(200);
    await until("all are out", () => shedder.inFlight === 0);
  });

  it("gives the shedder its place back when the client goes away", async () => {
    const shedder = fakeShedder();
    const url = await listening(wrapHandler(() => undefined, { shedder }));
    const gone = new AbortController();
    const asked = fetch(url, { signal: gone.signal });
    await until("the request is in", () => shedder.entered.length === 1);
    gone.abort();
    await expect(asked).rejects.toThrow();
    await until("the place is free", () => shedder.left.length === 1);
  });

  it("gives the place back when a route handler throws, and passes the error on", async () => {
    const shedder = fakeShedder();
    const GET = wrapRoute(
      () => {
        throw new Error("no");
      },
      { shedder },
    );
    await expect(GET(new Request("http://shop.test/"))).rejects.toThrow("no");
    expect(shedder.left).toHaveLength(1);
  });

  it("hands what follows the request to the route handler", async () => {
    const GET = wrapRoute(
      async (_request: Request, context: { params: Promise<{ id: string }> }) => new Response((await context.params).id),
    );
    expect(await (await GET(new Request("http://shop.test/"), { params: Promise.resolve({ id: "7" }) })).text()).toBe("7");
  });

  it("guards routes of Fastify that are registered outside the plugin, and inside its siblings", async () => {
    const app = fastify();
    await app.register(fastifyGuard({ shedder: fakeShedder({ room: false }) }));
    await app.register(async (inner) => {
      inner.get("/inner", async () => "in");
    });
    expect((await app.inject("/inner")).statusCode).toBe(503);
    await app.close();
  });

  it("leaves the shedder of an injected Fastify request", async () => {
    const shedder = fakeShedder();
    const app = fastify();
    await app.register(fastifyGuard({ shedder }));
    app.get("/", async () => "in");
    expect((await app.inject("/")).statusCode).toBe(200);
    await until("the visit is over", () => shedder.left.length === 1);
    await app.close();
  });

  it("is inside the deadline of the call around it", async () => {
    const GET = wrapRoute(() => new Response(String(remainingMs() <= 50)), { deadline: { defaultMs: 10_000 } });
    expect(await (await withDeadline(50, () => GET(new Request("http://shop.test/")))).text()).toBe("true");
  });

  it("survives hostile headers of a raw socket", async () => {
    const url = new URL(
      await listening(wrapHandler((_request, response) => response.end("in"), { edge: true, deadline: { defaultMs: 5_000 } })),
    );
    const { connect } = await import("node:net");
    const socket = connect(Number(url.port), url.hostname);
    closers.push(() => socket.destroy());
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk.toString()));
    const lines = [
      "GET / HTTP/1.1",
      "Host: x",
      "Connection: close",
      "X-Holdfast-Deadline-Ms: -1",
      "X-Holdfast-Deadline-Ms: 99999999999999999999",
      "Grpc-Timeout: \u00ff\u00fe",
      "Grpc-Timeout: 1S1S",
      "Baggage: ,,,=;=;%%%,holdfast.priority=%63ritical",
      `Baggage: ${"holdfast.priority=critical,".repeat(200)}`,
      "Baggage: __proto__=1",
      "Priority: u=((((((",
    ];
    socket.write(Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"));
    await until("an answer", () => answer.includes("200 OK") && answer.includes("in"));
  });
});

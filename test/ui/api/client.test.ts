import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { get, post, ProblemError, query, remove } from "../../../ui/api/client.ts";

let server: Server;
let origin = "";
let answer: { status: number; type: string; body: string } = { status: 200, type: "application/json", body: "{}" };
let asked: IncomingMessage[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request);
    request.resume();
    response.writeHead(answer.status, { "content-type": answer.type });
    response.end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const real = globalThis.fetch;
  // A browser resolves the path against its page.
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => real(`${origin}${path}`, init));
});

afterAll(() => {
  vi.unstubAllGlobals();
  server.close();
});

const given = (status: number, body: string, type = "application/json") => {
  asked = [];
  answer = { status, type, body };
};
const failure = async (call: Promise<unknown>): Promise<ProblemError> => {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ProblemError);
  return error as ProblemError;
};

describe("a call", () => {
  it("reads JSON, and nothing from an empty answer", async () => {
    given(200, '{"name":"ada"}');
    expect(await get("/me")).toEqual({ name: "ada" });
    given(200, "");
    expect(await remove("/agent-tokens/1")).toBeUndefined();
  });

  it("carries an idempotency key on every write and none on a read", async () => {
    given(201, "{}");
    await post("/a", {}, "mine");
    await post("/a", {});
    await remove("/a");
    await get("/a");
    const keys = asked.map((request) => request.headers["idempotency-key"]);
    expect(keys[0]).toBe("mine");
    expect(keys[1]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys[2]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys[3]).toBeUndefined();
  });

  it("fails with the console's own problem", async () => {
    given(
      409,
      JSON.stringify({
        code: "revision_conflict",
        title: "Somebody was faster",
        detail: "Look again.",
        status: 409,
        retryable: false,
        requestId: "r-1",
        conflict: { revision: 9 },
      }),
      "application/problem+json",
    );
    const error = await failure(post("/switches/x/flips", {}));
    expect(error.code).toBe("revision_conflict");
    expect(error.message).toBe("Look again.");
    expect(error.problem.conflict).toEqual({ revision: 9 });
  });

  it("fails with the status when something else than the console answers", async () => {
    given(502, "<html>bad gateway</html>", "text/html");
    expect((await failure(get("/me"))).problem).toMatchObject({ status: 502, code: "http_502" });
  });

  it("says that the console cannot be reached, unless the page itself gave up", async () => {
    const abort = new AbortController();
    abort.abort();
    await expect(get("/me", abort.signal)).rejects.toMatchObject({ name: "AbortError" });
    const before = origin;
    origin = "http://127.0.0.1:1";
    expect((await failure(get("/me"))).code).toBe("unreachable");
    origin = before;
  });
});

it("leaves out of a query what is not given", () => {
  expect(query({ a: "x y", b: undefined, c: null, d: "", e: 0 })).toBe("?a=x+y&e=0");
  expect(query({ a: undefined })).toBe("");
});

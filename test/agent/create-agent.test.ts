import { readFile } from "node:fs/promises";
import { afterEach, describe, expect, it } from "vitest";
import { createAgent, createNoopAgent, type AgentOptions } from "@holdfast/agent";
import { defaultInstance } from "../../agent/src/environment.ts";
import { AGENT_VERSION } from "../../agent/src/version.ts";

afterEach(() => {
  delete process.env["HOLDFAST_DISABLED"];
});

const good: AgentOptions = { url: "http://127.0.0.1:1", token: "hfa_test", service: "orders", log: () => undefined };

describe("options that cannot be used", () => {
  it.each([
    ["no options", undefined],
    ["no url", { ...good, url: undefined }],
    ["a url that is none", { ...good, url: "console" }],
    ["plain ws to another machine", { ...good, url: "ws://console.example" }],
    ["no token", { ...good, token: "" }],
    ["a token with a line break", { ...good, token: "a\r\nb" }],
    ["a service with a slash", { ...good, service: "a/b" }],
    ["a service that is too long", { ...good, service: "x".repeat(65) }],
    ["a service with direction marks", { ...good, service: "a\u202Eb" }],
    ["too many labels", { ...good, labels: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`l${i}`, "x"])) }],
    ["a label of the wrong type", { ...good, labels: { zone: 5 } }],
    [
      "an options object that throws",
      new Proxy(
        {},
        {
          get: () => {
            throw new Error("trap");
          },
        },
      ),
    ],
  ])("%s gives an agent that does nothing, one line, and no exception", (_title, options) => {
    const lines: string[] = [];
    const log = (level: string, line: string): void => void lines.push(`${level} ${line}`);
    const given = options === undefined || Object.keys(options).length === 0 ? options : { ...options, log };
    const agent = createAgent(given as never);
    expect(agent.status).toMatchObject({ enabled: false, state: "off", connected: false });
    expect(agent.status.problem).not.toBeNull();
    if (given !== options) expect(lines).toHaveLength(1);
  });
});

describe("the kill switch", () => {
  it.each(["1", "true", "yes"])("HOLDFAST_DISABLED=%s turns everything off", (value) => {
    process.env["HOLDFAST_DISABLED"] = value;
    expect(createAgent(good).status.enabled).toBe(false);
  });

  it.each(["", "0", "false"])("HOLDFAST_DISABLED=%j does not", async (value) => {
    process.env["HOLDFAST_DISABLED"] = value;
    const agent = createAgent(good);
    expect(agent.status.enabled).toBe(true);
    await agent.close();
  });

  it("enabled: false turns everything off", () => expect(createAgent({ ...good, enabled: false }).status.enabled).toBe(false));
});

it("the agent that does nothing has the whole face of one that works", async () => {
  const working = createAgent(good);
  const idle = createNoopAgent();
  for (const key of ["observe", "resource", "switch", "event", "close"] as const) expect(typeof idle[key]).toBe("function");
  expect(Object.keys(idle.status).sort()).toEqual(Object.keys(working.status).sort());
  const handle = idle.switch({
    key: "search",
    title: "Search",
    whatUsersLose: "Results",
    positions: ["full", "simple"],
    safeDefault: "simple",
  });
  expect([handle.key, handle.position, handle.is("simple")]).toEqual(["search", "simple", true]);
  handle.onChange(() => undefined)();
  idle.observe({}, "x")();
  idle.resource("gauge", "x", () => ({ value: 1 }))();
  idle.event("note");
  await idle.close();
  await working.close();
});

it("the instance is named after the host and the process, the same each time", async () => {
  expect(defaultInstance({ disabled: false, host: "web-7.example", pid: 1295 })).toBe("web-7.example-zz");
  expect(defaultInstance({ disabled: false, host: "bad host/name", pid: 1 })).toBe("bad-host-name-1");
  const agents = [createAgent(good), createAgent(good)];
  expect(agents[0]?.status.instance).toBe(agents[1]?.status.instance);
  for (const agent of agents) await agent.close();
});

it("the version is the package's", async () => {
  const manifest = JSON.parse(await readFile(new URL("../../agent/package.json", import.meta.url), "utf8")) as {
    version: string;
    dependencies: object;
  };
  expect(AGENT_VERSION).toBe(manifest.version);
  expect(Object.keys(manifest.dependencies)).toEqual(["ws"]);
});

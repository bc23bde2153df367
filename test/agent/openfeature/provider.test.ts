import { MultiProvider, OpenFeature, ProviderEvents, ProviderStatus, TypedInMemoryProvider, type Provider } from "@openfeature/server-sdk";
import { afterEach, describe, expect, it } from "vitest";
import { createNoopAgent } from "../../../agent/src/noop.ts";
import { holdfastProvider, type HoldfastProviderOptions } from "../../../agent/src/openfeature/provider.ts";
import { until } from "../support/until.ts";
import { viewedAgent, type ViewedAgent } from "../support/viewed-agent.ts";

const VARIANTS = {
  "checkout.batch": { normal: 100, small: 10 },
  search: { full: { depth: 3, fuzzy: true }, thin: { depth: 1, fuzzy: false } },
};

afterEach(() => OpenFeature.close());

async function flags(seen: ViewedAgent, options?: HoldfastProviderOptions) {
  // The annotation is a test: the compiler holds our provider against the SDK's interface.
  const provider: Provider = holdfastProvider(seen.agent, options);
  const client = OpenFeature.getClient();
  await OpenFeature.setProviderAndWait(provider);
  return { client, provider };
}

function declared(connected = true): ViewedAgent {
  const seen = viewedAgent({ connected });
  seen.declare("recommendations", ["personal", "popular"]);
  seen.declare("gifts");
  seen.declare("maintenance", ["off", "on"]);
  seen.declare("checkout.batch", ["normal", "small"]);
  seen.declare("search", ["full", "thin"]);
  return seen;
}

describe("values of flags", () => {
  it("answers a boolean by what the position says, else by whether it is the normal one", async () => {
    const seen = declared();
    const { client } = await flags(seen);
    const read = async () => [
      await client.getBooleanValue("recommendations", false),
      await client.getBooleanValue("gifts", false),
      await client.getBooleanValue("maintenance", true),
    ];
    expect(await read()).toEqual([true, true, false]);
    seen.commit({ recommendations: "popular", gifts: "off", maintenance: "on" }, 7);
    expect(await read()).toEqual([false, false, true]);
  });

  it("answers a string by the position itself", async () => {
    const seen = declared();
    const { client } = await flags(seen);
    expect(await client.getStringValue("recommendations", "none")).toBe("personal");
    seen.commit({ recommendations: "popular" }, 7);
    expect(await client.getStringValue("recommendations", "none")).toBe("popular");
  });

  it("answers numbers and objects by the values given for the positions", async () => {
    const seen = declared();
    const { client } = await flags(seen, { variants: VARIANTS });
    seen.commit({ search: "thin" }, 3);
    expect(await client.getNumberValue("checkout.batch", 1)).toBe(100);
    expect(await client.getObjectValue("search", {})).toEqual({ depth: 1, fuzzy: false });
  });

  it("answers the caller's own value and TYPE_MISMATCH where a position has no value of the type", async () => {
    const { client } = await flags(declared(), { variants: { ...VARIANTS, gifts: { on: "yes" } } });
    expect(await client.getNumberDetails("recommendations", 4)).toMatchObject({ value: 4, reason: "ERROR", errorCode: "TYPE_MISMATCH" });
    expect(await client.getBooleanDetails("gifts", false)).toMatchObject({ value: false, errorCode: "TYPE_MISMATCH" });
    expect(await client.getObjectDetails("checkout.batch", { own: 1 })).toMatchObject({ value: { own: 1 }, errorCode: "TYPE_MISMATCH" });
  });

  it("answers the caller's own value and FLAG_NOT_FOUND for a switch nobody declared, also a name of Object's own", async () => {
    const { client } = await flags(declared(), { variants: VARIANTS });
    expect(await client.getBooleanDetails("missing", true)).toMatchObject({ value: true, reason: "ERROR", errorCode: "FLAG_NOT_FOUND" });
    expect(await client.getNumberDetails("constructor", 2)).toMatchObject({ value: 2, errorCode: "FLAG_NOT_FOUND" });
  });
});

describe("why a flag has its value", () => {
  it("says STATIC while nobody decided, TARGETING_MATCH once an operator did, with the revision", async () => {
    const seen = declared();
    const { client } = await flags(seen);
    expect(await client.getStringDetails("gifts", "")).toMatchObject({ reason: "STATIC", flagMetadata: { revision: 0, source: "normal" } });
    seen.commit({ gifts: "off" }, 12);
    expect(await client.getStringDetails("gifts", "")).toMatchObject({
      value: "off",
      variant: "off",
      reason: "TARGETING_MATCH",
      flagMetadata: { revision: 12, source: "policy" },
    });
  });

  it("says STALE for what is held without a console, and goes on answering it", async () => {
    const seen = declared();
    const { client } = await flags(seen);
    seen.commit({ gifts: "off" }, 12);
    seen.connect(false);
    expect(await client.getBooleanDetails("gifts", true)).toMatchObject({
      value: false,
      reason: "STALE",
      flagMetadata: { revision: 12, source: "held-policy" },
    });
  });

  it("says DEFAULT for a safe default", async () => {
    const seen = declared(false);
    seen.switches.set("gifts", { key: "gifts", positions: ["on", "off"], position: "off", revision: 0, known: false });
    const { client } = await flags(seen);
    expect(await client.getBooleanDetails("gifts", true)).toMatchObject({
      value: false,
      reason: "DEFAULT",
      flagMetadata: { revision: 0, source: "safe-default" },
    });
  });
});

describe("events of the provider", () => {
  it("is ready at once, stale as soon as it may be without a link, and ready again with it", async () => {
    const seen = declared(false);
    const { client } = await flags(seen);
    await until("the provider is stale", () => client.providerStatus === ProviderStatus.STALE);
    seen.connect(true);
    expect(client.providerStatus).toBe(ProviderStatus.READY);
    seen.connect(false);
    expect(client.providerStatus).toBe(ProviderStatus.STALE);
    expect(await client.getBooleanValue("gifts", false)).toBe(true);
  });

  it("tells the switches of one commit in one event, and those of another agent in none", async () => {
    const seen = declared();
    const { client } = await flags(seen);
    const told: unknown[] = [];
    client.addHandler(ProviderEvents.ConfigurationChanged, (details) => void told.push(details?.flagsChanged));
    seen.commit({ gifts: "off", search: "thin" }, 2);
    await until("a change is told", () => told.length > 0);
    seen.commit({ gifts: "on" }, 3);
    await until("another change is told", () => told.length > 1);
    expect(told).toEqual([["gifts", "search"], ["gifts"]]);
  });

  it("is quiet once closed, and works when it is set again", async () => {
    const seen = declared();
    const { client, provider } = await flags(seen);
    await OpenFeature.clearProviders();
    const heard: string[] = [];
    provider.events?.addHandler(ProviderEvents.Stale, () => void heard.push("stale"));
    seen.connect(false);
    seen.connect(true);
    expect(heard).toEqual([]);
    await OpenFeature.setProviderAndWait(provider);
    await new Promise(setImmediate);
    seen.connect(false);
    expect(heard).toEqual(["stale"]);
    expect(client.providerStatus).toBe(ProviderStatus.STALE);
  });

  it("survives a handler that throws and still calls the next", () => {
    const { events } = holdfastProvider(declared().agent);
    const heard: string[] = [];
    events.addHandler("PROVIDER_STALE", () => {
      throw new Error("of the host");
    });
    events.addHandler("PROVIDER_STALE", () => Promise.reject(new Error("of the host")));
    events.addHandler("PROVIDER_STALE", () => heard.push("next"));
    events.emit("PROVIDER_STALE");
    expect(heard).toEqual(["next"]);
  });
});

describe("around the provider", () => {
  it("forwards tracking as an event of the agent", async () => {
    const seen = declared();
    const { client } = await flags(seen);
    client.track("bought", {}, { value: 12, currency: "EUR", basket: { items: 3 } });
    expect(seen.told).toEqual([["openfeature.tracked", { value: 12, currency: "EUR", name: "bought" }]]);
  });

  it("leaves what is not a switch to the next provider", async () => {
    const other = new TypedInMemoryProvider({ theme: { variants: { dark: "dark" }, defaultVariant: "dark", disabled: false } });
    await OpenFeature.setProviderAndWait(new MultiProvider([{ provider: holdfastProvider(declared().agent) }, { provider: other }]));
    const client = OpenFeature.getClient();
    expect(await client.getStringValue("theme", "light")).toBe("dark");
    expect(await client.getStringValue("recommendations", "none")).toBe("personal");
  });

  it("answers the caller's own values with an agent that does nothing", async () => {
    const client = OpenFeature.getClient();
    await OpenFeature.setProviderAndWait(holdfastProvider(createNoopAgent()));
    expect(await client.getBooleanValue("gifts", true)).toBe(true);
    expect(client.providerStatus).toBe(ProviderStatus.READY);
  });
});

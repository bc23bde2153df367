import { afterEach, beforeEach, expect, it } from "vitest";
import { placeSwitches } from "../../demo/ladder.ts";
import * as switches from "../../demo/switches.ts";
import type { PlaceAnswer } from "../../protocol/ladder-api.ts";
import type { PresetAnswer } from "../../protocol/preset-api.ts";
import { PASSWORD, startTestApi, type TestApi } from "../support/test-api.ts";

let api: TestApi;
beforeEach(async () => {
  api = await startTestApi();
});
afterEach(() => api.stop());

it("the shop's operators give every switch a place and keep presets that fit, once", async () => {
  const declared = Object.values(switches).map(({ positions, ...one }) => ({ ...one, positions: [...positions], position: positions[0] }));
  api.join("storefront", "s1", declared);
  await api.signIn("admin");
  const as = await api.token("viewer");
  const read = async <T>(path: string): Promise<T[]> => (await api.call("GET", `/api/v1${path}`, { as })).json.items;
  const operator = { consoleUrl: api.url, email: "admin@example.com", password: PASSWORD };
  await placeSwitches(operator);
  await placeSwitches(operator);
  const places = await read<PlaceAnswer>("/ladder");
  expect(places.map(({ version, steps }) => [version, steps.length])).toEqual(declared.map(() => [1, 1]));
  const presets = await read<PresetAnswer>("/presets");
  expect(presets.map(({ name, version }) => [name, version])).toEqual([
    ["Black Friday shed", 1],
    ["Database down", 1],
  ]);
  const items = presets.flatMap((preset) => preset.items.map((item) => ({ ...item, expiresInSeconds: null })));
  const { json } = await api.call("POST", "/api/v1/change-sets/preview", { as, body: { items } });
  expect(json.items.map(({ problem }: { problem: unknown }) => problem)).toEqual(items.map(() => null));
});

/** Gives the shop's switches their places on the ladder, and keeps two presets, as the operators of a shop would: through the public API. */
import { setTimeout as delay } from "node:timers/promises";

const PLACES: Readonly<Record<string, { readonly capability: string; readonly level: number; readonly position: string }>> = {
  "storefront.low-class": { capability: "Browsing", level: 1, position: "shed" },
  images: { capability: "Browsing", level: 1, position: "placeholder" },
  recommendations: { capability: "Discovery", level: 2, position: "popular" },
  search: { capability: "Discovery", level: 3, position: "browse" },
  "catalog.database": { capability: "Browsing", level: 3, position: "cached" },
  payments: { capability: "Checkout", level: 4, position: "queue" },
};

const PRESETS = [
  { name: "Black Friday shed", note: "More visitors than the shop can serve", keys: ["storefront.low-class", "images", "recommendations"] },
  { name: "Database down", note: "The catalog database does not answer", keys: ["catalog.database", "search"] },
];

export interface LadderOptions {
  readonly consoleUrl: string;
  readonly email: string;
  readonly password: string;
}

const WAIT_MS = 30_000;
const AGAIN_MS = 500;

/** Leaves alone what somebody changed. @throws Error when the console refuses, or the shop's switches do not show up within half a minute */
export async function placeSwitches({ consoleUrl, email, password }: LadderOptions): Promise<void> {
  const call = async (method: string, path: string, { body, cookie }: { body?: unknown; cookie?: string } = {}): Promise<Response> => {
    const response = await fetch(`${consoleUrl}/api/v1${path}`, {
      method,
      headers: {
        origin: consoleUrl,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(cookie === undefined ? {} : { cookie }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return response;
  };
  const signedIn = await call("POST", "/auth/sign-in", { body: { email, password } });
  const cookie = (signedIn.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "";
  const list = async <T>(path: string): Promise<readonly T[]> =>
    ((await (await call("GET", path, { cookie })).json()) as { items: T[] }).items;

  const deadline = Date.now() + WAIT_MS;
  let places = await list<{ key: string; version: number }>("/ladder");
  while (Object.keys(PLACES).some((key) => !places.some((place) => place.key === key))) {
    if (Date.now() > deadline) throw new Error("not every switch of the shop showed up");
    await delay(AGAIN_MS);
    places = await list("/ladder");
  }
  if (places.some(({ version }) => version > 0)) return;
  for (const [key, { capability, level, position }] of Object.entries(PLACES)) {
    const body = { capability, steps: [{ level, position }], expectedVersion: 0 };
    await call("PUT", `/ladder/${key}`, { body, cookie });
  }
  if ((await list("/presets")).length > 0) return;
  for (const { name, note, keys } of PRESETS) {
    const items = keys.map((key) => ({ kind: "switch", key, position: PLACES[key]?.position }));
    await call("POST", "/presets", { body: { name, note, items }, cookie });
  }
}

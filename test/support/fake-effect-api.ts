/** Invented proof of changes: what the instances did before and after, and who would hear the next one. */
import type { EffectAnswer, ProbeAnswer } from "../../protocol/effect-api.ts";
import type { InventedFleet } from "./invented-fleet.ts";

export function answerEffect(path: string, fleet: InventedFleet): EffectAnswer | ProbeAnswer | null {
  const at = Date.now();
  if (path === "/probe") {
    const keys = fleet.members.map(({ instance }) => instance.key);
    const silent = keys.slice(0, keys.length > 5 ? 2 : 0);
    return {
      environment: "production",
      at,
      asked: keys.length,
      answered: keys.length - silent.length,
      p50Ms: 14,
      p99Ms: 36,
      lastMs: 38,
      silent,
      absent: 0,
      absentKeys: [],
    };
  }
  const [, id] = /^\/changes\/([^/]+)\/effect$/.exec(path) ?? [];
  if (id === undefined) return null;
  // What proved a switch days ago is over; everything else has just been made.
  const afterMs = id.startsWith("f-old") ? 60_000 : 46_000;
  return {
    flipId: id,
    at: at - afterMs,
    spanMs: 60_000,
    afterMs,
    endedAt: null,
    instances: 2,
    tier: "1s",
    truncated: false,
    measures: [
      { name: "requests", before: 412, after: 405 },
      { name: "errors", before: 38.4, after: 1.2 },
      { name: "shed", before: 64, after: 3.1 },
      { name: "opens", before: 3, after: 0 },
      { name: "queued", before: 180, after: 22 },
      { name: "waiting", before: 0, after: 0 },
    ],
  };
}

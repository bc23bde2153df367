"use client";
import { useKey } from "../keys/keys-provider.tsx";
import { useReplay } from "../replay/replay-provider.tsx";
import { replayKeyActs } from "./replay-key-acts.ts";
import { useTools } from "./tools-context.ts";

/** The keys of time. */
export function ReplayKeys() {
  const acts = replayKeyActs(useReplay(), useTools().act);
  useKey("transition-before", acts["transition-before"]);
  useKey("transition-after", acts["transition-after"]);
  useKey("second-before", acts["second-before"]);
  useKey("second-after", acts["second-after"]);
  useKey("slower", acts.slower);
  useKey("faster", acts.faster);
  useKey("live", acts.live);
  useKey("what-changed", acts["what-changed"]);
  return null;
}

"use client";
import { useMemo } from "react";
import { attention, AttentionRanking, watched, type AttentionItem } from "../../../core/attention.ts";
import { useConnectionState, useEpoch } from "../../live/hooks.ts";
import { useLiveStore } from "../../live/live-provider.tsx";
import type { Tile } from "./tile-model.ts";

export interface Attention {
  /** Worst first; an order changes only when it has held for five seconds. */
  readonly items: readonly AttentionItem[];
  /** Services without any of it. */
  readonly quiet: ReadonlySet<string>;
  /** The console is not heard: this is as it last was, because no agent is to blame for that. */
  readonly lost: boolean;
  /** The moment of which it is. */
  readonly at: number;
}

/** What needs a person. */
export function useAttention(tiles: readonly Tile[], now: number): Attention {
  const store = useLiveStore();
  const lost = useConnectionState() === "lost";
  const at = lost ? Math.min(now, store.connection.now) : now;
  const epoch = useEpoch();
  // After a jump in time no order has held yet.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const ranking = useMemo(() => new AttentionRanking(), [epoch]);
  return useMemo(() => {
    // Of a console that is not heard, links are as they were when it was.
    const fleet = lost ? tiles.map(({ instance, shed }) => watched(instance, at, shed)) : tiles;
    const items = ranking.update(attention(fleet, at), at);
    const quiet = new Set(tiles.map(({ service }) => service));
    for (const item of items) quiet.delete(item.service);
    return { items, quiet, lost, at };
  }, [ranking, tiles, lost, at]);
}

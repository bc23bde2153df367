"use client";
import { useMemo } from "react";
import { attention, AttentionRanking, type AttentionItem } from "../../../core/attention.ts";
import type { InstanceState } from "../../../core/fleet.ts";
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
export function useAttention(fleet: readonly InstanceState[], tiles: readonly Tile[], now: number): Attention {
  const store = useLiveStore();
  const lost = useConnectionState() === "lost";
  const at = lost ? Math.min(now, store.connection.now) : now;
  const epoch = useEpoch();
  // After a jump in time no order has held yet.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const ranking = useMemo(() => new AttentionRanking(), [epoch]);
  return useMemo(() => {
    const shed = new Map(tiles.map((tile) => [tile.key, tile.shed]));
    const items = ranking.update(
      attention(fleet, at, (instance) => shed.get(instance.key) ?? 0),
      at,
    );
    const quiet = new Set(fleet.map((instance) => instance.service));
    for (const item of items) quiet.delete(item.service);
    return { items, quiet, lost, at };
  }, [ranking, fleet, tiles, lost, at]);
}

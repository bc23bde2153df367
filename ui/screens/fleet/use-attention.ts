"use client";
import { useMemo } from "react";
import { AttentionRanking, type AttentionItem } from "../../../core/attention.ts";
import { useConnectionState, useEpoch } from "../../live/hooks.ts";
import { useLiveStore } from "../../live/live-provider.tsx";
import type { FleetWords } from "./fleet-picture.ts";

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
export function useAttention(words: FleetWords): Attention {
  const store = useLiveStore();
  const lost = useConnectionState() === "lost";
  const at = lost ? Math.min(words.now, store.connection.now) : words.now;
  const epoch = useEpoch();
  // After a jump in time no order has held yet.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const ranking = useMemo(() => new AttentionRanking(), [epoch]);
  return useMemo(() => {
    const items = ranking.update(words.attention, at);
    const quiet = new Set(words.services);
    for (const item of items) quiet.delete(item.service);
    return { items, quiet, lost, at };
  }, [ranking, words, lost, at]);
}

"use client";

import { useQuery } from "@tanstack/react-query";
import type { EffectAnswer } from "../../../protocol/effect-api.ts";
import { get } from "../../api/client.ts";
import { isWhole } from "./effect-words.ts";

const AGAIN_MS = 5_000;

/** What a change did; asked again until its minute is over, and not at all before it is wanted: an answer reads two minutes of samples. */
export function useEffectOf(flipId: string, wanted = true) {
  return useQuery({
    queryKey: ["effect", flipId],
    enabled: wanted,
    queryFn: ({ signal }) => get<EffectAnswer>(`/changes/${encodeURIComponent(flipId)}/effect`, signal),
    staleTime: ({ state }) => (state.data !== undefined && isWhole(state.data) ? Infinity : 0),
    refetchInterval: ({ state }) => (state.data !== undefined && isWhole(state.data) ? false : AGAIN_MS),
  });
}

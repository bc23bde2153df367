"use client";
/** Reads of what operators prepared and of what is in force, as hooks. */
import { useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { ChangeAnswer } from "../../../protocol/api.ts";
import type { ChangeSetAnswer } from "../../../protocol/change-set-api.ts";
import type { PlaceAnswer } from "../../../protocol/ladder-api.ts";
import type { PresetAnswer } from "../../../protocol/preset-api.ts";
import { get, query } from "../../api/client.ts";
import { usePast, usePolicyRevision } from "../../live/hooks.ts";

interface Page<T> {
  readonly items: T[];
}

const AGAIN_MS = 10_000;
const SHOWN_SETS = 5;

/** Read again on a beat, and whenever the policy moves. Nothing of it is known of the past. */
function usePlan<T>(part: string, environment: string, path: string) {
  const revision = usePolicyRevision();
  const client = useQueryClient();
  const past = usePast();
  useEffect(() => void client.invalidateQueries({ queryKey: [part, environment] }), [client, part, environment, revision]);
  return useQuery({
    queryKey: [part, environment],
    enabled: !past,
    queryFn: async ({ signal }) => (await get<Page<T>>(path, signal)).items,
    refetchInterval: AGAIN_MS,
  });
}

/** Capability, steps on the ladder and last proof of each switch. */
export const usePlaces = (environment: string) =>
  usePlan<PlaceAnswer>("ladder", environment, `/ladder${query({ environment, limit: 500 })}`);

export const usePresets = (environment: string) =>
  usePlan<PresetAnswer>("presets", environment, `/presets${query({ environment, limit: 500 })}`);

/** Every change of policy in force, newest first. */
export const useLiveChanges = (environment: string) =>
  usePlan<ChangeAnswer>("changes", environment, `/changes${query({ environment, status: "live", limit: 500 })}`);

/** The last sets of changes, newest first. */
export const useChangeSets = (environment: string) =>
  usePlan<ChangeSetAnswer>("change-sets", environment, `/change-sets${query({ environment, limit: SHOWN_SETS })}`);

/** One set with its changes as they are now: receipts move. */
export function useChangeSet(id: string) {
  return useQuery({
    queryKey: ["change-set", id],
    queryFn: ({ signal }) => get<ChangeSetAnswer>(`/change-sets/${encodeURIComponent(id)}`, signal),
    refetchInterval: 2_000,
  });
}

const MOVED = ["switches", "policies", "ladder", "presets", "changes", "change-sets", "change-set", "set-preview", "flip"];

/** After a change: whatever may say something else now is read again. */
export const readAgain = (client: QueryClient): Promise<unknown> =>
  Promise.all(MOVED.map((part) => client.invalidateQueries({ queryKey: [part] })));

"use client";
import { useQuery } from "@tanstack/react-query";
import type { LatencyAnswer } from "../../../protocol/history-api.ts";
import type { PolicyAnswer } from "../../../protocol/policy-api.ts";
import { get, query } from "../../api/client.ts";
import { getSeries } from "../../api/series.ts";
import { useLiveStore } from "../../live/live-provider.tsx";
import { isSuggested, MEASURED, suggestionsFor, type Measures, type Suggestions } from "./suggestion-model.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

export interface SuggestionsAsked {
  readonly policy: PolicyAnswer;
  readonly service: string;
  readonly environment: string;
  readonly wanted: boolean;
}

/** What the last hour suggests for the settings of a policy, read once while its form is open. */
export function useSuggestions({ policy, service, environment, wanted }: SuggestionsAsked): Suggestions {
  const store = useLiveStore();
  const enabled = wanted && isSuggested(policy.policy);
  const measured = useQuery({
    queryKey: ["policy-measures", environment, service, policy.name],
    enabled,
    staleTime: 5 * MINUTE_MS,
    queryFn: async ({ signal }): Promise<Measures> => {
      const to = Math.floor(store.now() / MINUTE_MS) * MINUTE_MS;
      const asked = { environment, service, from: to - HOUR_MS, to };
      const latencies = (each: boolean) =>
        get<LatencyAnswer>(`/history/latencies${query({ ...asked, columns: "p99Us", each: String(each) })}`, signal);
      const [each, together, series] = await Promise.all([
        latencies(true),
        latencies(false),
        getSeries({ ...asked, resource: policy.name, columns: MEASURED.join(","), step: MINUTE_MS }, signal),
      ]);
      return { each: each.latencies, together: together.latencies, series: series.series };
    },
  });
  if (!enabled) return {};
  return suggestionsFor(policy, measured.data ?? null, measured.isError ? "The last hour cannot be read now." : "Reading the last hour…");
}

"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { SelfHealth } from "../../../protocol/health-api.ts";
import { get } from "../../api/client.ts";
import { refusalsBetween, type Refusal } from "./refusals.ts";

const AGAIN_MS = 2_000;

/** Agents that the console turned away since the component is there. */
export function useRefusals(): readonly Refusal[] {
  const { data } = useQuery({
    queryKey: ["first-run-refusals"],
    queryFn: ({ signal }) => get<SelfHealth>("/health/self", signal),
    refetchInterval: AGAIN_MS,
    gcTime: 0,
  });
  const [first, setFirst] = useState<SelfHealth | null>(null);
  if (data !== undefined && (first === null || first.startedAt !== data.startedAt)) setFirst(data);
  return data === undefined || first === null ? [] : refusalsBetween(first, data);
}

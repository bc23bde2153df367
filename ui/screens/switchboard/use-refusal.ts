"use client";
import { useMe } from "../../api/queries.ts";
import { usePastRefusal } from "../../replay/replay-provider.tsx";

/** Why this person may not act, or undefined. The server decides; this only says it beforehand. */
export function useRefusal(): string | undefined {
  const me = useMe();
  const past = usePastRefusal();
  if (past !== undefined) return past;
  if (me.data === undefined) return me.isError ? "It is not known what you may do. Reload the page." : "Asking what you may do…";
  return me.data.role === "viewer" ? "You are a viewer: you see everything and change nothing. Ask an operator." : undefined;
}

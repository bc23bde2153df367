"use client";
import { useMe } from "../../api/queries.ts";
import { useMomentRefusal } from "../../frame/use-moment-refusal.ts";

/** Why this person may not act now, or undefined. The server decides who may; this only says it beforehand. */
export function useRefusal(): string | undefined {
  const me = useMe();
  const moment = useMomentRefusal();
  if (moment !== undefined) return moment;
  if (me.data === undefined) return me.isError ? "It is not known what you may do. Reload the page." : "Asking what you may do…";
  return me.data.role === "viewer" ? "You are a viewer: you see everything and change nothing. Ask an operator." : undefined;
}

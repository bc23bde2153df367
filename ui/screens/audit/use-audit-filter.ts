"use client";
import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { AUDIT_OUTCOMES } from "../../../protocol/audit.ts";

/** In the URL, by the names the API has for it. */
const FILTER = {
  text: parseAsString,
  action: parseAsString,
  outcome: parseAsStringLiteral(AUDIT_OUTCOMES),
  actor: parseAsString,
  environment: parseAsString,
  service: parseAsString,
  target: parseAsString,
  request: parseAsString,
  flip: parseAsString,
  from: parseAsInteger,
  to: parseAsInteger,
};

export type AuditFilter = ReturnType<typeof useAuditFilter>["filter"];
export type ChangeFilter = ReturnType<typeof useAuditFilter>["change"];

export function useAuditFilter() {
  const [filter, setFilter] = useQueryStates(FILTER);
  const change = (next: Partial<typeof filter>): void => void setFilter(next);
  const any = Object.values(filter).some((value) => value !== null);
  return { filter, change, any, clear: () => void setFilter(null) };
}

import { DEFAULT_RETENTION, type Retention } from "../../core/tiers.ts";
import type { Clock } from "../clock.ts";
import type { Store } from "../store/store.ts";
import { auditEntry } from "./audit-entry.ts";

/** Retention is configured where the console runs; at a start with another one than at the last, the audit log says so. */
export async function noteRetention(store: Pick<Store, "listAudit" | "appendAudit">, clock: Clock, retention: Retention): Promise<void> {
  const { items } = await store.listAudit({ action: "retention.changed", limit: 1 });
  const before = items[0]?.after ?? DEFAULT_RETENTION;
  if (Object.entries(retention).every(([tier, ms]) => (before as Readonly<Record<string, unknown>>)[tier] === ms)) return;
  const deed = { at: clock.now(), action: "retention.changed" as const, actor: "system", thing: "history" };
  await store.appendAudit([auditEntry({ ...deed, before: { ...before }, after: { ...retention } })]);
}

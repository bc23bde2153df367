/** What a receipt says, in the order a person asks: is it everywhere, who refused, who is not heard, how long it took. */
import type { FlipDetail } from "../../../protocol/api.ts";

export type ReceiptState = FlipDetail["instances"][number]["state"];

export interface ReceiptCell {
  readonly key: string;
  /** The instance's name without its service. */
  readonly name: string;
  readonly state: ReceiptState;
  readonly ms: number | null;
  readonly reason: string | null;
  readonly lastRevision: number | null;
}

export interface ReceiptGroup {
  readonly service: string;
  readonly applied: number;
  readonly cells: readonly ReceiptCell[];
}

export interface ReceiptSummary {
  readonly targeted: number;
  readonly applied: number;
  /** Every targeted instance applied it, and there was at least one. Nothing else may look like success. */
  readonly complete: boolean;
  /** Still on their way: pending and sent. */
  readonly waiting: number;
  readonly refused: readonly ReceiptCell[];
  readonly unknown: readonly ReceiptCell[];
  readonly groups: readonly ReceiptGroup[];
  /** Commit to acknowledgement, milliseconds; null until somebody applied. */
  readonly times: { readonly p50: number; readonly p99: number; readonly last: number; readonly all: readonly number[] } | null;
}

export function receiptSummary(flip: Pick<FlipDetail, "receipts" | "instances">): ReceiptSummary {
  const cells = flip.instances.map((entry): ReceiptCell => ({
    key: entry.instance,
    name: nameIn(entry.instance),
    state: entry.state,
    ms: entry.roundTripMs,
    reason: entry.reason,
    lastRevision: entry.lastRevision,
  }));
  const groups = new Map<string, ReceiptCell[]>();
  for (const cell of [...cells].sort((a, b) => a.key.localeCompare(b.key, "en", { numeric: true }))) {
    const service = serviceOf(cell.key);
    groups.set(service, [...(groups.get(service) ?? []), cell]);
  }
  const applied = cells.filter((cell) => cell.state === "applied");
  const targeted = Math.max(flip.receipts.targeted, cells.length);
  const times = applied.flatMap((cell) => (cell.ms === null ? [] : [cell.ms])).sort((a, b) => a - b);
  return {
    targeted,
    applied: applied.length,
    complete: targeted > 0 && applied.length === targeted,
    waiting: cells.filter((cell) => cell.state === "pending" || cell.state === "sent").length,
    refused: cells.filter((cell) => cell.state === "refused"),
    unknown: cells.filter((cell) => cell.state === "unknown"),
    groups: [...groups].map(([service, members]) => ({
      service,
      cells: members,
      applied: members.filter((cell) => cell.state === "applied").length,
    })),
    times: times.length === 0 ? null : { p50: quantile(times, 0.5), p99: quantile(times, 0.99), last: times.at(-1) ?? 0, all: times },
  };
}

/** One sentence for the live region and for those who cannot see the cells. */
export function receiptSentence(summary: ReceiptSummary): string {
  if (summary.targeted === 0) return "No instance was targeted.";
  const parts = [`${String(summary.applied)} of ${String(summary.targeted)} applied`];
  if (summary.waiting > 0) parts.push(`${String(summary.waiting)} pending`);
  if (summary.refused.length > 0) parts.push(`${String(summary.refused.length)} refused`);
  if (summary.unknown.length > 0) parts.push(`${String(summary.unknown.length)} unknown`);
  return `${parts.join(", ")}.`;
}

/** A receipt nobody needs to ask about any more. */
export function isSettled(flip: Pick<FlipDetail, "receipts" | "instances" | "status">): boolean {
  return flip.status !== "live" || receiptSummary(flip).complete;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? 0;
}

function serviceOf(key: string): string {
  const cut = key.indexOf("/");
  return cut < 0 ? key : key.slice(0, cut);
}

function nameIn(key: string): string {
  return key.slice(key.indexOf("/") + 1);
}

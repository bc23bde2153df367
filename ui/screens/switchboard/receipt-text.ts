/** A receipt as text, for a chat or a ticket: complete on its own, times in UTC. */
import type { FlipDetail } from "../../../protocol/api.ts";
import { formatMs, formatUtc } from "../../charts/format.ts";
import { actorName } from "../events/sentence.ts";
import { receiptSentence, receiptSummary } from "./receipt-summary.ts";
import { scopeWords } from "./switch-state.ts";

export function receiptText(flip: FlipDetail): string {
  const summary = receiptSummary(flip);
  const lines = [
    `${flip.switchKey} to ${flip.position} in ${flip.environment}, ${scopeWords(flip.scope) ?? "whole fleet"}`,
    `r${String(flip.revision)} by ${actorName(flip.author)} at ${formatUtc(flip.createdAt)}: ${flip.reason}`,
    flip.expiresAt === null ? "No expiry." : `Expires ${formatUtc(flip.expiresAt)}.`,
    receiptSentence(summary),
    ...(summary.times === null
      ? []
      : [`Time to apply: p50 ${formatMs(summary.times.p50)}, p99 ${formatMs(summary.times.p99)}, last ${formatMs(summary.times.last)}.`]),
    ...summary.refused.map((cell) => `Refused by ${cell.key}: ${cell.reason ?? "no reason given"}.`),
    ...summary.unknown.map(
      (cell) => `Unknown: ${cell.key}${cell.lastRevision === null ? "" : `, last held r${String(cell.lastRevision)}`}.`,
    ),
    ...(flip.status === "live" ? [] : [`Ended (${flip.status})${flip.endedAt === null ? "" : ` at ${formatUtc(flip.endedAt)}`}.`]),
  ];
  return lines.join("\n");
}

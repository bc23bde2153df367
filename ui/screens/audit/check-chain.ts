/** Checks the whole chain, step by step, so that it can be followed and stopped. */
import type { AuditCheck } from "../../../protocol/audit-api.ts";

export interface NotedHead {
  readonly seq: number;
  readonly hash: string;
}

export interface ChainReport {
  /** Everything up to here fits. */
  readonly head: NotedHead;
  readonly at: number;
  readonly fault: AuditCheck["fault"];
}

export interface CheckOptions {
  /** One step of the API after a place. */
  readonly step: (after: NotedHead | null) => Promise<AuditCheck>;
  /** What was seen earlier, if anything: it must still be in the log. */
  readonly noted: NotedHead | null;
  readonly onProgress: (seq: number) => void;
}

export async function checkChain({ step, noted, onProgress }: CheckOptions): Promise<ChainReport> {
  let place: NotedHead | null = null;
  for (;;) {
    const check: AuditCheck = await step(place);
    place = { seq: check.to, hash: check.hash };
    if (check.fault !== null) return { head: place, at: check.at, fault: check.fault };
    onProgress(check.to);
    if (!check.done) continue;
    const again = noted === null || noted.seq === 0 ? check : await step(noted);
    return { head: place, at: check.at, fault: again.fault };
  }
}

/** As it is kept; null for what is not one. */
export function readNoted(text: string | null): NotedHead | null {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text ?? "") ?? [];
  return seq === undefined || hash === undefined ? null : { seq: Number(seq), hash };
}

export const writeNoted = ({ seq, hash }: NotedHead): string => `${String(seq)}:${hash}`;

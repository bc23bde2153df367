/** When a switch was last proven to work, in words. Pure. */
import type { PlaceAnswer } from "../../../protocol/ladder-api.ts";

const DAY_MS = 86_400_000;
/** A proof older than this says little: the code behind the switch has moved on. */
export const PROOF_DAYS = 90;

export interface ProofWords {
  readonly state: "fresh" | "old" | "never";
  readonly text: string;
}

export function proofWords(proven: PlaceAnswer["proven"], now: number): ProofWords {
  if (proven === null) return { state: "never", text: "never drilled" };
  const days = Math.max(0, Math.floor((now - proven.at) / DAY_MS));
  if (days >= PROOF_DAYS) return { state: "old", text: `proof older than ${String(PROOF_DAYS)} days` };
  return { state: "fresh", text: `proven ${days === 0 ? "today" : days === 1 ? "yesterday" : `${String(days)} days ago`}` };
}

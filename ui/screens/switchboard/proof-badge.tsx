import { Glyph } from "../../components/glyph.tsx";
import type { PlaceAnswer } from "../../../protocol/ladder-api.ts";
import { proofWords } from "./proof.ts";

const MARKS = { fresh: "closed", old: "warning", never: "unseen" } as const;

/** Whether anybody knows that the switch works. A shape and words, so that it is seen without colour. */
export function ProofBadge({ proven, now }: { readonly proven: PlaceAnswer["proven"]; readonly now: number }) {
  const { state, text } = proofWords(proven, now);
  return (
    <span className="pl-proof" data-state={state} {...(proven === null ? {} : { title: new Date(proven.at).toLocaleString() })}>
      <Glyph status={MARKS[state]} size={12} /> {text}
      {proven?.drill === true && state === "fresh" ? ", by a drill" : ""}
    </span>
  );
}

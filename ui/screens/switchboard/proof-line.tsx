"use client";

import { useRef } from "react";
import type { PlaceAnswer } from "../../../protocol/ladder-api.ts";
import { briefOf, exactWords, isWhole, valueOf } from "./effect-words.ts";
import { ProofBadge } from "./proof-badge.tsx";
import { proofWords } from "./proof.ts";
import { useEffectOf } from "./use-effect-of.ts";
import { useSeen } from "./use-seen.ts";

type Proof = NonNullable<PlaceAnswer["proven"]>;

/** In a row: the badge, and in a few words what the change did that proved the switch. All of it is in the sheet. */
export function ProofLine({ proven, now }: { readonly proven: PlaceAnswer["proven"]; readonly now: number }) {
  const here = useRef<HTMLSpanElement>(null);
  const seen = useSeen(here);
  return (
    <span ref={here} className="sw-facts-line">
      <ProofBadge proven={proven} now={now} />
      {proven === null || proofWords(proven, now).state === "old" ? null : <ProofBrief proven={proven} wanted={seen} />}
    </span>
  );
}

function ProofBrief({ proven: { flipId, drill }, wanted }: { readonly proven: Proof; readonly wanted: boolean }) {
  const { data } = useEffectOf(flipId, wanted);
  const brief = data === undefined ? null : briefOf(data);
  if (data === undefined || brief === null) return null;
  return (
    <span className="pl-brief" title={exactWords(data) ?? undefined}>
      {brief.length === 0 ? "no difference" : null}
      {brief.map(({ name, word, unit, before, after }, i) => (
        <span key={name}>
          {i === 0 ? "" : ", "}
          {word} {valueOf(before, "")} <span aria-label="to">→</span> {valueOf(after, unit)}
        </span>
      ))}{" "}
      {drill ? "in the drill" : "when switched"}
      {isWhole(data) ? "" : ", so far"}
    </span>
  );
}

"use client";

import { useState } from "react";
import type { FlipAnswer } from "../../../protocol/api.ts";
import { Button } from "../../components/button.tsx";
import { Countdown } from "../../components/countdown.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { usePast } from "../../live/hooks.ts";
import { actorName } from "../events/sentence.ts";
import { RevertForm } from "./revert-form.tsx";
import { scopeWords } from "./switch-state.ts";

/** What is in force, newest first: the first that covers an instance decides for it. */
export function LiveFlips({
  flips,
  refusal,
  onReceipt,
}: {
  readonly flips: readonly FlipAnswer[];
  readonly refusal: string | undefined;
  readonly onReceipt: (id: string) => void;
}) {
  return (
    <section className="sw-part" aria-label="In force">
      <h3>
        In force <span className="sw-note">{flips.length > 1 ? "the newest that covers an instance decides" : null}</span>
      </h3>
      <ul className="sw-live">
        {flips.map((flip) => (
          <LiveFlip key={flip.id} flip={flip} refusal={refusal} onReceipt={() => onReceipt(flip.id)} />
        ))}
      </ul>
    </section>
  );
}

function LiveFlip({
  flip,
  refusal,
  onReceipt,
}: {
  readonly flip: FlipAnswer;
  readonly refusal: string | undefined;
  readonly onReceipt: () => void;
}) {
  const [reverting, setReverting] = useState(false);
  // What each agent says is known of now only.
  const past = usePast();
  const { applied, targeted } = flip.receipts;
  return (
    <li>
      <p className="sw-live-line">
        <b data-switched="true">{flip.position}</b>
        <span>{scopeWords(flip.scope) ?? "whole fleet"}</span>
        <span className="sw-mono" data-complete={applied === targeted && targeted > 0}>
          {applied}/{targeted} applied
        </span>
        <span className="sw-push">{flip.expiresAt === null ? "no expiry" : <Countdown at={flip.expiresAt} />}</span>
      </p>
      <p className="sw-note">
        {actorName(flip.author)}, <RelativeTime at={flip.createdAt} />, r{flip.revision}: {flip.reason}
      </p>
      {reverting ? (
        <RevertForm flip={flip} refusal={refusal} onCancel={() => setReverting(false)} onDone={() => setReverting(false)} />
      ) : (
        <div className="sw-actions">
          {past ? null : <Button onClick={onReceipt}>Receipt</Button>}
          <Button refusal={refusal} onClick={() => setReverting(true)}>
            Revert
          </Button>
        </div>
      )}
    </li>
  );
}

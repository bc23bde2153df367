"use client";

import { useState } from "react";
import type { BreakerState } from "../../../protocol/kinds.ts";
import { Button } from "../../components/button.tsx";
import { actorName } from "../events/sentence.ts";
import { useRefusal } from "../switchboard/use-refusal.ts";
import { ForceSheet } from "./force-sheet.tsx";
import { overridesOf } from "./forced.ts";
import { LeaseEnd } from "./lease-end.tsx";
import type { PolicyCardProps } from "./policy-card.tsx";
import { STATE_WORDS } from "./policy-form.ts";
import { PolicySheet } from "./policy-sheet.tsx";

/** The foot of a breaker's card: who forces it until when, and the ways to force it, to let go and to see its settings. */
export function BreakerPolicy(props: PolicyCardProps) {
  const { policy, service } = props;
  const [open, setOpen] = useState<"settings" | "force" | "let-go" | null>(null);
  const refusal = useRefusal();
  const [first, ...others] = overridesOf(policy, service);
  const close = (): void => setOpen(null);
  return (
    <footer className="svc-breaker-foot">
      {first === undefined ? null : (
        <p className="svc-forced">
          <b data-tone="forced">{"state" in first.body ? STATE_WORDS[first.body.state] : "forced"}</b> by {actorName(first.author)},{" "}
          <LeaseEnd at={first.expiresAt} />
          {others.length === 0 ? "" : `, and ${String(others.length)} more`}
          <span className="svc-note"> {first.reason}</span>
        </p>
      )}
      <div className="pol-actions">
        {first === undefined ? null : (
          <Button refusal={refusal} aria-label={`Let go of ${policy.name}`} onClick={() => setOpen("let-go")}>
            Let go
          </Button>
        )}
        {policy.states.length === 0 ? null : (
          <Button refusal={refusal} aria-label={`Force ${policy.name}`} onClick={() => setOpen("force")}>
            Force…
          </Button>
        )}
        <Button tone="quiet" aria-label={`Settings of ${policy.name}`} onClick={() => setOpen("settings")}>
          Settings
        </Button>
      </div>
      {open === "settings" ? <PolicySheet {...props} onClose={close} /> : null}
      {open === "force" || open === "let-go" ? <ForceSheet key={open} {...props} act={open} onClose={close} /> : null}
    </footer>
  );
}

/** Why a state is forced although no change of the console says so. */
export function ForcedByItself({ state }: { readonly state: BreakerState | null }) {
  if (state !== "forced_open" && state !== "forced_closed" && state !== "disabled") return null;
  return (
    <footer className="svc-breaker-foot">
      <p className="svc-note">{STATE_WORDS[state]} by its own code: the console cannot let go of it.</p>
    </footer>
  );
}

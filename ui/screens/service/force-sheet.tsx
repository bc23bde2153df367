"use client";

import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Sheet } from "../../components/sheet.tsx";
import { useRefusal } from "../switchboard/use-refusal.ts";
import { overridesOf } from "./forced.ts";
import type { PolicyCardProps } from "./policy-card.tsx";
import { PolicyChanges } from "./policy-changes.tsx";
import { PolicyEditor } from "./policy-editor.tsx";
import "./policy.css";

export interface ForceSheetProps extends PolicyCardProps {
  /** To force it, or to end what forces it. */
  readonly act: "force" | "let-go";
  readonly onClose: () => void;
}

/** Force a breaker open or closed, or disable it: state, reason, lease, scope, what it would do; then held or typed; then the receipt. */
export function ForceSheet({ policy, service, environment, act, onClose }: ForceSheetProps) {
  const refusal = useRefusal();
  const [made, setMade] = useState<string | null>(null);
  const held = overridesOf(policy, service);
  const change = held.find(({ id }) => id === made);
  return (
    <Sheet
      open
      onClose={onClose}
      title={`${act === "force" ? "Force" : "Let go of"} the ${policy.policy} ${policy.name}`}
      description={
        act === "force"
          ? "Its own judgement waits meanwhile. When the time is over, each agent lets go by itself, console or no console."
          : "It follows its own judgement again, or an older override that is still in force."
      }
    >
      {made !== null ? (
        <div className="svc-drawer pol-body">
          {change === undefined ? (
            <p role="status">Sent. Waiting for the receipt…</p>
          ) : (
            <PolicyChanges changes={[change]} refusal={refusal} />
          )}
          <div className="pol-actions">
            <Button onClick={onClose}>Done</Button>
          </div>
        </div>
      ) : (
        <div className="svc-drawer pol-body">
          {held.length === 0 && act === "let-go" ? <p role="status">Nothing forces it any more.</p> : null}
          <PolicyChanges changes={held} refusal={refusal} {...(act === "let-go" ? { onKeep: onClose } : {})} />
          {act === "let-go" ? (
            held.length === 0 ? (
              <div className="pol-actions">
                <Button onClick={onClose}>Done</Button>
              </div>
            ) : null
          ) : (
            <PolicyEditor
              kind="override"
              policy={policy}
              service={service}
              environment={environment}
              refusal={refusal}
              onClose={onClose}
              onMade={({ id }) => setMade(id)}
            />
          )}
        </div>
      )}
    </Sheet>
  );
}

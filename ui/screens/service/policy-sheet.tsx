"use client";

import type { ReactNode } from "react";
import { policyDrift } from "../../../core/policy-drift.ts";
import { plural } from "../../charts/format.ts";
import { Sheet } from "../../components/sheet.tsx";
import { PolicyBody, type PolicyCardProps } from "./policy-card.tsx";
import { PolicyMarks } from "./policy-marks.tsx";

/** A policy in a drawer: effective settings, where each value came from, and the forms. */
export function PolicySheet({
  onClose,
  children,
  ...card
}: PolicyCardProps & { readonly onClose: () => void; readonly children?: ReactNode }) {
  const { policy } = card;
  const { total, live } = policy.instances;
  return (
    <Sheet
      open
      onClose={onClose}
      title={
        <span className="pol-title">
          {policy.name} <span className="svc-note">{policy.policy}</span>
          <PolicyMarks policy={policy} drift={policyDrift(policy)} />
        </span>
      }
      description={`${policy.services.join(", ")}: ${plural(total, "instance")}${live < total ? `, ${String(total - live)} away` : ""}, ${policy.revision === 0 ? "never changed here" : `r${String(policy.revision)}`}`}
    >
      <div className="svc-drawer">
        {children}
        <PolicyBody {...card} />
      </div>
    </Sheet>
  );
}

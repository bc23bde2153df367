"use client";

import { useId } from "react";
import type { PolicyAnswer } from "../../../protocol/policy-api.ts";
import { useService } from "../../live/hooks.ts";

const SHARES = ["10%", "25%", "50%"] as const;

/** Who a change of a policy is for. */
export function ScopeSelect({
  policy,
  service,
  value,
  onChange,
}: {
  readonly policy: PolicyAnswer;
  readonly service: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const id = useId();
  const instances = useService(service);
  return (
    <div>
      <label className="svc-note" htmlFor={id}>
        For
      </label>
      <select id={id} className="pol-select" value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="service">every instance of {service}</option>
        {policy.services.length > 1 ? <option value="everywhere">every service that has it: {policy.services.join(", ")}</option> : null}
        {SHARES.map((share) => (
          <option key={share} value={share}>
            {share.replace("%", " %")} of {service}
          </option>
        ))}
        {instances.map(({ key, instance }) => (
          <option key={key} value={key}>
            {instance} only
          </option>
        ))}
      </select>
    </div>
  );
}

"use client";

import { useId } from "react";
import type { SwitchAnswer } from "../../../protocol/api.ts";
import { Segmented } from "../../components/segmented.tsx";
import { linkState } from "../../../core/fleet.ts";
import { useFleet, useNow } from "../../live/hooks.ts";
import type { FlipForm, ScopeKind } from "./flip-form.ts";

const KINDS: readonly { readonly value: ScopeKind; readonly label: string }[] = [
  { value: "fleet", label: "Fleet" },
  { value: "service", label: "Service" },
  { value: "percentage", label: "Share" },
  { value: "instances", label: "Instances" },
];

const SHARES: readonly number[] = [1, 10, 25, 50];

/** Who it is for. Anything but the fleet asks for one more choice. */
export function ScopeField({
  entry,
  form,
  onChange,
}: {
  readonly entry: SwitchAnswer;
  readonly form: FlipForm;
  readonly onChange: (part: Partial<FlipForm>) => void;
}) {
  return (
    <div>
      <h3>Scope</h3>
      <Segmented label="Scope" value={form.scope} onChange={(scope) => onChange({ scope })} options={KINDS} />
      {form.scope === "service" ? (
        <ServiceChoice services={entry.services} value={form.service} onChange={(service) => onChange({ service })} />
      ) : null}
      {form.scope === "percentage" ? (
        <div className="sw-choice">
          <Segmented
            label="Share of instances"
            value={String(form.percentage)}
            onChange={(share) => onChange({ percentage: Number(share) })}
            options={SHARES.map((share) => ({ value: String(share), label: `${String(share)} %` }))}
          />
        </div>
      ) : null}
      {form.scope === "instances" ? (
        <InstanceChoice switchKey={entry.key} chosen={form.instances} onChange={(instances) => onChange({ instances })} />
      ) : null}
    </div>
  );
}

function ServiceChoice({
  services,
  value,
  onChange,
}: {
  readonly services: readonly string[];
  readonly value: string;
  readonly onChange: (service: string) => void;
}) {
  const id = useId();
  return (
    <div className="sw-choice">
      <label className="hf-unseen" htmlFor={id}>
        Which service
      </label>
      <select id={id} className="sw-select" value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">Choose a service</option>
        {services.map((service) => (
          <option key={service} value={service}>
            {service}
          </option>
        ))}
      </select>
    </div>
  );
}

function InstanceChoice({
  switchKey,
  chosen,
  onChange,
}: {
  readonly switchKey: string;
  readonly chosen: readonly string[];
  readonly onChange: (instances: readonly string[]) => void;
}) {
  const now = useNow(1000);
  const holders = useFleet().filter((instance) => instance.switches.some((declared) => declared.key === switchKey));
  return (
    <fieldset className="sw-choice sw-instances">
      <legend className="hf-unseen">Which instances</legend>
      {holders.map((instance) => (
        <label key={instance.key}>
          <input
            type="checkbox"
            checked={chosen.includes(instance.key)}
            onChange={(event) => onChange(event.target.checked ? [...chosen, instance.key] : chosen.filter((key) => key !== instance.key))}
          />
          {instance.key}
          {linkState(instance, now) === "live" ? null : <span className="sw-note">{linkState(instance, now)}</span>}
        </label>
      ))}
      {holders.length === 0 ? <p className="sw-note">No instance with this switch is known now.</p> : null}
    </fieldset>
  );
}

"use client";

import { ErrorNote } from "../../components/error-note.tsx";
import { useEnvironmentName } from "../../live/hooks.ts";
import { PolicyCard } from "./policy-card.tsx";
import { usePolicies } from "./use-policies.ts";

/** Policies whose settings the console can change: what is in force, where it comes from, and the forms to change it. */
export function PolicySection({ service }: { readonly service: string }) {
  const environment = useEnvironmentName() || "production";
  const policies = usePolicies(environment, service);
  if (policies.isError) return <ErrorNote error={policies.error} />;
  if (policies.data === undefined || policies.data.length === 0) return null;
  return (
    <section aria-labelledby="policies-title">
      <div className="svc-section-head">
        <h2 id="policies-title">Policies</h2>
        <span className="svc-note">settings in force, and what may be changed while it runs</span>
      </div>
      <div className="pol-list">
        {policies.data.map((policy) => (
          <PolicyCard key={`${policy.name} ${policy.policy}`} policy={policy} service={service} environment={environment} />
        ))}
      </div>
    </section>
  );
}

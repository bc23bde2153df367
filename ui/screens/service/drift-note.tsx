import { someNames, type PolicyDrift } from "../../../core/policy-drift.ts";

/** Which instances have which value, where they differ. Who has not applied a change stands with the change. */
export function DriftNote({ drift: { settings } }: { readonly drift: PolicyDrift }) {
  if (settings.length === 0) return null;
  return (
    <section className="pol-drift" aria-label="Where instances differ">
      <h4>Instances differ</h4>
      <dl>
        {settings.map(({ key, where, values }) => (
          <div key={key}>
            <dt>
              {key} <span className="svc-note">{where === "force" ? "in force" : "in the code"}</span>
            </dt>
            {values.map(({ value, instances, names }) => (
              <dd key={String(value)}>
                <b className="svc-mono">{String(value)}</b> on {instances}: <span className="svc-note">{someNames(names, instances)}</span>
              </dd>
            ))}
          </div>
        ))}
      </dl>
    </section>
  );
}

import type { PolicyDrift } from "../../../core/policy-drift.ts";
import type { PolicyAnswer } from "../../../protocol/policy-api.ts";
import { plural } from "../../charts/format.ts";
import { Chip } from "../../components/chip.tsx";
import { STATE_WORDS } from "./policy-form.ts";

/** What the console changed, in a few words each. */
export function changedWords(policy: Pick<PolicyAnswer, "override" | "settings" | "fault">): readonly string[] {
  const changed = policy.settings.filter((setting) => setting.effective.some((entry) => entry.origin === "remote")).length;
  return [
    ...policy.override.map((entry) => STATE_WORDS[entry.state]),
    ...(changed === 0 ? [] : [`${plural(changed, "setting")} changed`]),
    ...(policy.fault.inForce.length === 0 ? [] : ["faults injected"]),
  ];
}

/** Where instances differ, in a few words each. */
export function driftWords({ settings, behind }: PolicyDrift): readonly string[] {
  const [first] = settings;
  const late = Math.max(0, ...behind.map(({ applied, targeted }) => targeted - applied));
  return [
    ...(first === undefined ? [] : [settings.length === 1 ? `${first.key} differs` : `${String(settings.length)} settings differ`]),
    ...(late === 0 ? [] : [`not applied on ${String(late)}`]),
  ];
}

export function PolicyMarks({ policy, drift }: { readonly policy: PolicyAnswer; readonly drift: PolicyDrift }) {
  return (
    <>
      {changedWords(policy).map((word) => (
        <Chip key={word} status="forced">
          {word}
        </Chip>
      ))}
      {driftWords(drift).map((word) => (
        <Chip key={word} status="warning">
          {word}
        </Chip>
      ))}
    </>
  );
}

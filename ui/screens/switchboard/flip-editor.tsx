"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import type { FlipAnswer, FlipRequest, SwitchAnswer } from "../../../protocol/api.ts";
import { post, ProblemError, query } from "../../api/client.ts";
import { plural } from "../../charts/format.ts";
import { ErrorNote } from "../../components/error-note.tsx";
import { Field } from "../../components/field.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { useConnection } from "../../live/hooks.ts";
import { Confirm } from "./confirm.tsx";
import { conflictFlips, conflictRevision } from "./conflict-flips.ts";
import { Conflict } from "./conflict.tsx";
import { emptyForm, flipRequest, missing, REASON_MAX, type Expiry, type FlipForm } from "./flip-form.ts";
import { PreviewPart, usePreview } from "./preview.tsx";
import { ScopeField } from "./scope-field.tsx";
import { newId } from "../../api/new-id.ts";
import { useSteadyKey } from "./use-steady-key.ts";

export interface FlipEditorProps {
  readonly entry: SwitchAnswer;
  readonly refusal: string | undefined;
  /** The position being considered, for the title. */
  readonly onTarget: (position: string | null) => void;
  readonly onFlipped: (flipId: string) => void;
}

const EXPIRIES: readonly { readonly value: Expiry; readonly label: string }[] = [
  { value: "drill", label: "Drill, 2 min" },
  { value: "15m", label: "15 min" },
  { value: "1h", label: "1 h" },
  { value: "4h", label: "4 h" },
  { value: "none", label: "No expiry" },
];

/** Position, consequences, reason, expiry, scope, then a deliberate act. Nothing is shown as done before the agents say so. */
export function FlipEditor({ entry, refusal, onTarget, onFlipped }: FlipEditorProps) {
  const [form, setForm] = useState<FlipForm>(() => emptyForm(entry, newId()));
  /** The revision this person has looked at: another one must be looked at first. */
  const [seen, setSeen] = useState(entry.revision);
  const { environment } = useConnection();
  const preview = usePreview(entry.key, form, environment);
  const client = useQueryClient();
  const keys = useSteadyKey();
  const create = useMutation({
    mutationFn: (body: FlipRequest) =>
      post<FlipAnswer>(`/switches/${encodeURIComponent(entry.key)}/flips${query({ environment })}`, body, keys.keyFor(body)),
    onSuccess: (flip) => onFlipped(flip.id),
    onError: (error) => {
      if (error instanceof ProblemError && error.code === "idempotency_lost") keys.forget();
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["switches"] }),
  });
  const positions = useId();
  const refused = create.error instanceof ProblemError && create.error.code === "revision_conflict" ? create.error : null;
  const current = Math.max(entry.revision, conflictRevision(refused?.problem.conflict) ?? 0);
  const moved = current !== seen && !create.isPending;
  const change = (part: Partial<FlipForm>): void => {
    setForm({ ...form, ...part });
    if (part.position !== undefined) onTarget(part.position);
    if (!create.isPending && refused === null) create.reset();
  };
  const request = flipRequest(form, seen);
  const blocked = refusal ?? (moved ? "The switch was changed meanwhile. Look at the difference first." : (missing(form) ?? undefined));
  const hit = preview.data?.targeted;
  return (
    <>
      <section className="sw-part" aria-labelledby={positions}>
        <h3 id={positions}>Position</h3>
        <Segmented
          label="Position"
          value={form.position === "" ? null : form.position}
          onChange={(position) => change({ position })}
          options={entry.positions.map((position, i) => ({
            value: position,
            label: (
              <>
                <span>{position}</span>
                {i === 0 || position === entry.desired ? (
                  <span className="sw-note">
                    {" "}
                    {[i === 0 ? "normal" : "", position === entry.desired ? "now" : ""].filter((word) => word !== "").join(", ")}
                  </span>
                ) : null}
              </>
            ),
          }))}
        />
      </section>
      <PreviewPart form={form} entry={entry} preview={preview} />
      <section className="sw-part">
        <Field
          label="Reason"
          hint="goes to the timeline and the log"
          value={form.reason}
          maxLength={REASON_MAX}
          autoComplete="off"
          placeholder="What is wrong, and what this buys"
          onChange={(event) => change({ reason: event.target.value })}
        />
        <div className="sw-two">
          <div>
            <h3>Expires by itself after</h3>
            <Segmented label="Expires by itself after" value={form.expiry} onChange={(expiry) => change({ expiry })} options={EXPIRIES} />
          </div>
          <ScopeField entry={entry} form={form} onChange={change} />
        </div>
        {form.expiry === "drill" ? (
          <p className="sw-note">A fire drill: users lose it for two minutes. When every live instance applied it, the switch is proven.</p>
        ) : null}
        {form.expiry === "none" ? (
          <p className="sw-warn">It stays until somebody reverts it. Nobody will be reminded by the clock.</p>
        ) : null}
      </section>
      <section className="sw-part sw-act" aria-label="Confirm">
        {moved ? (
          <Conflict
            entry={entry}
            revision={current}
            flips={conflictFlips(refused?.problem.conflict)}
            onLookAgain={() => {
              setSeen(current);
              create.reset();
            }}
          />
        ) : (
          <ErrorNote error={create.error} />
        )}
        <Confirm
          word={entry.key}
          busy={create.isPending}
          refusal={blocked}
          onConfirm={() => (request === null ? undefined : create.mutate(request))}
        >
          Hold to switch {entry.key} to {form.position === "" ? "…" : form.position} on {hit === undefined ? "…" : plural(hit, "instance")}{" "}
          in {(environment || "production").toUpperCase()}
        </Confirm>
        <p className="sw-note">
          Looked at r{seen}. If somebody pushes first, you see the difference. Agents keep it while the console is away
          {form.expiry === "none" ? "" : ", and end it by their own clocks"}.
        </p>
      </section>
    </>
  );
}

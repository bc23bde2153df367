"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { FlipAnswer } from "../../../protocol/api.ts";
import { post } from "../../api/client.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Field } from "../../components/field.tsx";
import { Confirm } from "./confirm.tsx";
import { REASON_MAX, REASON_MIN } from "./flip-form.ts";
import { useSteadyKey } from "./use-steady-key.ts";

export interface RevertFormProps {
  readonly flip: FlipAnswer;
  readonly refusal: string | undefined;
  readonly onCancel: () => void;
  readonly onDone: () => void;
}

/** Ends a flip before its time: a reason, then deliberate. What was beneath shows again; the agents say when it does. */
export function RevertForm({ flip, refusal, onCancel, onDone }: RevertFormProps) {
  const [reason, setReason] = useState("");
  const client = useQueryClient();
  const keys = useSteadyKey();
  const revert = useMutation({
    mutationFn: (body: { reason: string }) =>
      post<FlipAnswer>(`/flips/${encodeURIComponent(flip.id)}/revert`, body, keys.keyFor({ id: flip.id, ...body })),
    onSuccess: () => onDone(),
    onSettled: () => Promise.all([client.invalidateQueries({ queryKey: ["switches"] }), client.invalidateQueries({ queryKey: ["flip"] })]),
  });
  const trimmed = reason.trim();
  return (
    <div className="sw-revert">
      <Field
        label="Reason to revert"
        value={reason}
        maxLength={REASON_MAX}
        autoFocus
        onChange={(event) => setReason(event.target.value)}
        placeholder="Payments are back"
      />
      <ErrorNote error={revert.error} />
      <Confirm
        word={flip.switchKey}
        busy={revert.isPending}
        refusal={refusal ?? (trimmed.length < REASON_MIN ? "Say why, in a few words." : undefined)}
        onConfirm={() => revert.mutate({ reason: trimmed })}
      >
        Hold to revert {flip.switchKey} from {flip.position}
      </Confirm>
      <div className="sw-actions">
        <Button tone="quiet" onClick={onCancel}>
          Keep it switched
        </Button>
      </div>
    </div>
  );
}

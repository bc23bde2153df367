"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import type { IncidentAnswer, IncidentSummary } from "../../../protocol/incident-api.ts";
import { post } from "../../api/client.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Sheet } from "../../components/sheet.tsx";

interface MergeProps {
  readonly open: boolean;
  readonly incidents: readonly Pick<IncidentSummary, "id" | "number" | "title" | "startedAt">[];
  readonly onClose: (merged: boolean) => void;
}

/** Several become one. The one that began first is proposed to stay. */
export function MergeIncidents({ open, incidents, onClose }: MergeProps) {
  const [first] = [...incidents].sort((a, b) => a.startedAt - b.startedAt);
  const [stays, setStays] = useState(first?.id ?? "");
  const name = useId();
  const client = useQueryClient();
  const merge = useMutation({
    // One after the other: each is a change of the one that stays.
    mutationFn: async () => {
      for (const { id } of incidents)
        if (id !== stays) await post<IncidentAnswer>(`/incidents/${encodeURIComponent(id)}/merge`, { into: stays });
    },
    onSuccess: () => onClose(true),
    onSettled: () => client.invalidateQueries({ queryKey: ["incidents"] }),
  });
  return (
    <Sheet
      open={open}
      onClose={() => onClose(false)}
      title={`Merge ${String(incidents.length)} incidents`}
      description="Symptoms, notes and links of the others go into the one that stays. A merge is not taken back; a split makes an incident of its own again."
    >
      <form
        className="in-form"
        onSubmit={(event) => {
          event.preventDefault();
          merge.mutate();
        }}
      >
        <fieldset className="in-choices" data-long="true">
          <legend>The one that stays</legend>
          {incidents.map(({ id, number, title }) => (
            <label key={id}>
              <input type="radio" name={name} value={id} checked={id === stays} onChange={() => setStays(id)} />
              <span>
                <b>#{number}</b> {title}
              </span>
            </label>
          ))}
        </fieldset>
        <ErrorNote error={merge.error} />
        <div className="in-actions">
          <Button type="submit" tone="primary" disabled={merge.isPending || incidents.length < 2 || stays === ""}>
            {merge.isPending ? "Merging…" : "Merge"}
          </Button>
          <Button tone="quiet" onClick={() => onClose(false)}>
            Cancel
          </Button>
        </div>
      </form>
    </Sheet>
  );
}

"use client";
import { useId, useState } from "react";
import type { IncidentAnswer } from "../../../protocol/incident-api.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Field } from "../../components/field.tsx";
import { useFocusReturn } from "../../components/focus-return.tsx";
import { fromField, toField } from "./local-time.ts";
import { useNote } from "./use-incident-acts.ts";

/** A note on the timeline, now or at the time it is about. */
export function NoteForm({
  incident,
  at,
  onClose,
}: {
  readonly incident: Pick<IncidentAnswer, "id">;
  /** The moment it is about; null: now. */
  readonly at: number | null;
  readonly onClose: () => void;
}) {
  const [text, setText] = useState("");
  const [time, setTime] = useState(at === null ? "" : toField(at));
  const [pinned, setPinned] = useState(false);
  const id = useId();
  const note = useNote(incident.id);
  useFocusReturn();
  return (
    <form
      className="in-form in-act-form"
      aria-label="Add a note"
      onSubmit={(event) => {
        event.preventDefault();
        note.mutate({ text: text.trim(), at: fromField(time), pinned }, { onSuccess: onClose });
      }}
    >
      <div className="hf-field">
        <label htmlFor={id}>Note</label>
        <textarea
          id={id}
          className="in-input"
          rows={3}
          maxLength={4000}
          autoFocus
          value={text}
          placeholder="What you saw, did or were told"
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <Field
        label="At, if not now"
        hint="your local time"
        type="datetime-local"
        step={1}
        value={time}
        onChange={(event) => setTime(event.target.value)}
      />
      <label className="in-tick">
        <input type="checkbox" checked={pinned} onChange={(event) => setPinned(event.target.checked)} /> Pin it
      </label>
      <ErrorNote error={note.error} />
      <div className="in-actions">
        <Button type="submit" tone="primary" disabled={note.isPending || text.trim() === ""}>
          {note.isPending ? "Writing…" : "Write the note"}
        </Button>
        <Button tone="quiet" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

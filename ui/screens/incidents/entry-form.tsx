"use client";
import { useId, useState } from "react";
import { unmarked } from "../../../core/isolated.ts";
import type { Entry, EntryChange } from "../../../protocol/incident-api.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Field } from "../../components/field.tsx";
import { useFocusReturn } from "../../components/focus-return.tsx";
import { fromField, toField } from "./local-time.ts";
import { useEntryChange } from "./use-incident-acts.ts";

/** How an entry is told: another title, another time, words of one's own. The original is kept and stays visible. */
export function EntryForm({
  incidentId,
  entry,
  onClose,
}: {
  readonly incidentId: string;
  readonly entry: Entry;
  readonly onClose: () => void;
}) {
  const note = entry.kind === "note";
  const [title, setTitle] = useState(unmarked(entry.title));
  const [text, setText] = useState(entry.text);
  const [time, setTime] = useState(() => toField(entry.at));
  const id = useId();
  const change = useEntryChange(incidentId);
  useFocusReturn();
  const at = fromField(time);
  // The field knows seconds only: an untouched time stays what it was to the millisecond.
  const order: EntryChange = {
    ...(title.trim() === unmarked(entry.title) ? {} : { title: title.trim() }),
    ...(text.trim() === entry.text ? {} : { text: text.trim() }),
    ...(at === null || time === toField(entry.at) ? {} : { at }),
  };
  const nothing = Object.keys(order).length === 0;
  return (
    <form
      className="in-form"
      aria-label="Edit the entry"
      onSubmit={(event) => {
        event.preventDefault();
        if (nothing) onClose();
        else change.mutate({ key: entry.key, change: order }, { onSuccess: onClose });
      }}
    >
      {note ? null : (
        <Field
          label="Title"
          value={title}
          maxLength={500}
          autoFocus
          autoComplete="off"
          onChange={(event) => setTitle(event.target.value)}
        />
      )}
      <div className="hf-field">
        <label htmlFor={id}>{note ? "Note" : "Words below it"}</label>
        <textarea id={id} className="in-input" rows={3} maxLength={4000} value={text} onChange={(event) => setText(event.target.value)} />
      </div>
      <Field
        label="Happened at"
        hint="your local time; the original stays visible"
        type="datetime-local"
        step={1}
        value={time}
        onChange={(event) => setTime(event.target.value)}
      />
      <ErrorNote error={change.error} />
      <div className="in-actions">
        <Button type="submit" tone="primary" disabled={change.isPending || (!note && title.trim() === "") || at === null}>
          Save
        </Button>
        <Button tone="quiet" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

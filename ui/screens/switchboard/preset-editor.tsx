"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { PresetAnswer } from "../../../protocol/preset-api.ts";
import { post, ProblemError, put, query, remove } from "../../api/client.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Field } from "../../components/field.tsx";
import { Sheet } from "../../components/sheet.tsx";
import type { BoardRow } from "./board.ts";
import { itemText } from "./draft.ts";
import { positionIn, presetMissing, presetRequest, withPosition, type PresetForm } from "./preset-form.ts";
import { readAgain } from "./use-plans.ts";
import { useRefusal } from "./use-refusal.ts";
import { useSteadyKey } from "./use-steady-key.ts";

export interface PresetEditorProps {
  /** Null for a new one. */
  readonly preset: PresetAnswer | null;
  readonly first: PresetForm;
  readonly rows: readonly BoardRow[];
  readonly environment: string;
  readonly onDone: (id: string | null) => void;
}

/** Writes a preset: a name, when to use it, and what it changes. Nothing is switched by it. */
export function PresetEditor({ preset, first, rows, environment, onDone }: PresetEditorProps) {
  const [form, setForm] = useState(first);
  const refusal = useRefusal();
  const client = useQueryClient();
  const keys = useSteadyKey();
  const again = () => readAgain(client);
  const save = useMutation({
    mutationFn: (body: ReturnType<typeof presetRequest>) => {
      if (preset === null) return post<PresetAnswer>(`/presets${query({ environment })}`, body, keys.keyFor(body));
      const change = { ...body, expectedVersion: preset.version };
      return put<PresetAnswer>(`/presets/${encodeURIComponent(preset.id)}`, change, keys.keyFor(change));
    },
    onSuccess: ({ id }) => onDone(id),
    onSettled: again,
  });
  const drop = useMutation({
    mutationFn: ({ id, version }: PresetAnswer) => remove(`/presets/${encodeURIComponent(id)}${query({ version })}`),
    onSuccess: () => onDone(null),
    onSettled: again,
  });
  const busy = save.isPending || drop.isPending ? "Saving…" : undefined;
  const conflict = [save.error, drop.error].some((error) => error instanceof ProblemError && error.code === "version_conflict");
  // What it says at first stands first, and stays there while it is edited.
  const ordered = [...rows].sort((a, b) => Number(isIn(first, b)) - Number(isIn(first, a)));
  const others = form.items.filter((item) => item.kind !== "switch" || item.scope !== undefined || !rows.some(isOf(item.key)));
  return (
    <Sheet
      open
      onClose={() => onDone(preset?.id ?? null)}
      title={preset === null ? "New preset" : `Edit ${preset.name}`}
      description="A preset is a set of changes kept under a name. Saving it switches nothing."
    >
      <section className="sw-part">
        <Field
          label="Name"
          value={form.name}
          maxLength={64}
          autoComplete="off"
          placeholder="Black Friday shed"
          onChange={(event) => setForm({ ...form, name: event.target.value })}
        />
        <Field
          label="When to use it"
          value={form.note}
          maxLength={500}
          autoComplete="off"
          placeholder="Checkout is slow and the queue grows"
          onChange={(event) => setForm({ ...form, note: event.target.value })}
        />
      </section>
      <section className="sw-part" aria-label="Switches">
        <h3>Switches</h3>
        <div className="pl-picks">
          {ordered.map(({ entry }) => (
            <label key={entry.key}>
              <span>{entry.title}</span>
              <select
                className="sw-select"
                value={positionIn(form.items, entry.key)}
                onChange={(event) => setForm({ ...form, items: withPosition(form.items, entry.key, event.target.value) })}
              >
                <option value="">leave as it is</option>
                {entry.positions.map((position) => (
                  <option key={position}>{position}</option>
                ))}
              </select>
            </label>
          ))}
        </div>
        {others.length === 0 ? null : (
          <ul className="pl-changes" aria-label="Other changes">
            {others.map((item) => {
              const { subject, to, scope } = itemText(item);
              return (
                <li key={JSON.stringify(item)}>
                  <b>{subject}</b> {to} <span className="sw-note">{scope}</span>
                  <button
                    type="button"
                    className="sw-link sw-push"
                    onClick={() => setForm({ ...form, items: form.items.filter((other) => other !== item) })}
                  >
                    leave out<span className="hf-unseen"> {subject}</span>
                  </button>
                </li>
              );
            })}
          </ul>
        )}
      </section>
      <section className="sw-part">
        <ErrorNote error={save.error ?? drop.error} />
        {conflict ? <p className="sw-warn">Close this, and open it again to see what was changed. Nothing of yours was saved.</p> : null}
        <div className="sw-actions">
          <Button
            tone="primary"
            refusal={refusal ?? busy ?? presetMissing(form) ?? undefined}
            onClick={() => save.mutate(presetRequest(form))}
          >
            Save the preset
          </Button>
          {preset === null ? null : (
            <Button tone="danger" refusal={refusal ?? busy} onClick={() => drop.mutate(preset)}>
              Delete it
            </Button>
          )}
        </div>
        {preset === null ? null : <p className="sw-note">Deleting it puts nothing back.</p>}
      </section>
    </Sheet>
  );
}

const isIn = ({ items }: PresetForm, { entry }: BoardRow): boolean => positionIn(items, entry.key) !== "";
const isOf =
  (key: string) =>
  ({ entry }: BoardRow): boolean =>
    entry.key === key;

"use client";

import { useId } from "react";
import { Field } from "../../components/field.tsx";
import { typedValues, type FormField, type PolicyDraft } from "./policy-form.ts";
import { SuggestionNote } from "./suggestion-note.tsx";
import type { Suggestions } from "./suggestion-model.ts";

/** An input for each setting; beneath it what may be, what is now and what would follow from measurements. */
export function SettingInputs({
  fields,
  draft,
  suggestions,
  onChange,
}: {
  readonly fields: readonly FormField[];
  readonly draft: PolicyDraft;
  /** By setting. */
  readonly suggestions: Suggestions;
  readonly onChange: (part: Partial<PolicyDraft>) => void;
}) {
  const { wrong } = typedValues(fields, draft.typed);
  return (
    <div className="pol-fields">
      {fields.map((field) => {
        const text = draft.typed[field.key] ?? String(field.now);
        const type = (value: string): void => onChange({ typed: { ...draft.typed, [field.key]: value } });
        if (field.type !== "int") return <Choice key={field.key} field={field} value={text} onChange={type} />;
        const suggestion = suggestions[field.key];
        return (
          <div key={field.key} className="pol-input">
            <Field
              label={field.key}
              hint={field.fixed ? "fixed by the code" : `${String(field.low)} to ${String(field.high)}, now ${String(field.now)}`}
              error={wrong[field.key]}
              value={text}
              inputMode="numeric"
              autoComplete="off"
              disabled={field.fixed}
              onChange={(event) => type(event.target.value)}
            />
            {suggestion === undefined || field.fixed ? null : <SuggestionNote suggestion={suggestion} onUse={type} />}
          </div>
        );
      })}
    </div>
  );
}

function Choice({
  field,
  value,
  onChange,
}: {
  readonly field: FormField;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <div className="hf-field">
      <label htmlFor={id}>{field.key}</label>
      <select id={id} className="pol-select" value={value} disabled={field.fixed} onChange={(event) => onChange(event.target.value)}>
        {field.options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
      <p className="hf-hint">{field.fixed ? "fixed by the code" : `now ${String(field.now)}`}</p>
    </div>
  );
}

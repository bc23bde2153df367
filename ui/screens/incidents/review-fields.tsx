"use client";
import { useId } from "react";
import { Button } from "../../components/button.tsx";
import { NO_ACTION, type ActionDraft } from "./review-form.ts";

interface ProseProps {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly rows: number;
  readonly most: number;
  readonly disabled: boolean;
  readonly onChange: (value: string) => void;
}

export function Prose({ label, hint, value, rows, most, disabled, onChange }: ProseProps) {
  const id = useId();
  return (
    <div className="hf-field">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        className="in-input"
        rows={rows}
        maxLength={most}
        value={value}
        disabled={disabled}
        aria-describedby={`${id}-note`}
        onChange={(event) => onChange(event.target.value)}
      />
      <p id={`${id}-note`} className="hf-hint">
        {hint}
      </p>
    </div>
  );
}

interface ActionsProps {
  readonly actions: readonly ActionDraft[];
  readonly disabled: boolean;
  readonly onChange: (actions: readonly ActionDraft[]) => void;
}

/** What is to be done, of what sort, by whom. */
export function ActionFields({ actions, disabled, onChange }: ActionsProps) {
  const set = (index: number, part: Partial<ActionDraft>): void =>
    onChange(actions.map((action, at) => (at === index ? { ...action, ...part } : action)));
  return (
    <fieldset className="in-choices" data-long="true">
      <legend>Actions</legend>
      {actions.map((action, index) => {
        const nth = String(index + 1);
        return (
          <div key={index} className="in-action">
            <input
              className="in-input"
              aria-label={`Action ${nth}`}
              placeholder="What is to be done"
              maxLength={500}
              value={action.text}
              disabled={disabled}
              onChange={(event) => set(index, { text: event.target.value })}
            />
            <select
              className="in-input"
              aria-label={`Type of action ${nth}`}
              value={action.type}
              disabled={disabled}
              onChange={(event) => set(index, { type: event.target.value as ActionDraft["type"] })}
            >
              <option value="mitigate">mitigate</option>
              <option value="prevent">prevent</option>
              <option value="process">process</option>
            </select>
            <input
              className="in-input"
              aria-label={`Owner of action ${nth}`}
              placeholder="Owner"
              maxLength={120}
              value={action.owner}
              disabled={disabled}
              onChange={(event) => set(index, { owner: event.target.value })}
            />
            <input
              className="in-input"
              aria-label={`Link of action ${nth}`}
              placeholder="https://"
              maxLength={500}
              value={action.link}
              disabled={disabled}
              onChange={(event) => set(index, { link: event.target.value })}
            />
            <Button
              tone="quiet"
              disabled={disabled}
              aria-label={`Remove action ${nth}`}
              onClick={() => onChange(actions.filter((_, at) => at !== index))}
            >
              Remove
            </Button>
          </div>
        );
      })}
      <Button disabled={disabled} onClick={() => onChange([...actions, NO_ACTION])}>
        Add an action
      </Button>
    </fieldset>
  );
}

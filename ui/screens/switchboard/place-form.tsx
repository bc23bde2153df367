"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { LADDER_LEVELS, LEVEL_NAMES } from "../../../core/ladder.ts";
import type { SwitchAnswer } from "../../../protocol/api.ts";
import type { PlaceAnswer, PlaceRequest } from "../../../protocol/ladder-api.ts";
import { put, query } from "../../api/client.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Field } from "../../components/field.tsx";
import { actorName } from "../events/sentence.ts";
import { ProofEffect } from "./effect.tsx";
import { ProofBadge } from "./proof-badge.tsx";
import { readAgain } from "./use-plans.ts";

export interface PlaceFormProps {
  readonly entry: SwitchAnswer;
  readonly place: PlaceAnswer;
  /** Names in use, to choose from. */
  readonly capabilities: readonly string[];
  readonly environment: string;
  readonly refusal: string | undefined;
  readonly now: number;
  /** Opens the receipt of a flip. */
  readonly onReceipt: (flipId: string) => void;
}

/** Where a switch belongs: its capability, and which position it takes from which level on. Folded, because it is seldom changed. */
export function PlaceForm({ entry, place, capabilities, environment, refusal, now, onReceipt }: PlaceFormProps) {
  const { steps, capability, proven } = place;
  const said = steps.map(({ level, position }) => `${position} from level ${String(level)}`).join(", ");
  return (
    <section className="sw-part" aria-label="Place">
      <p className="sw-facts-line">
        <ProofBadge proven={proven} now={now} />
        {proven === null ? null : (
          <button type="button" className="sw-link" onClick={() => onReceipt(proven.flipId)}>
            its receipt
          </button>
        )}
      </p>
      {proven === null ? null : <ProofEffect flipId={proven.flipId} />}
      <details className="sw-details">
        <summary>
          {capability === null ? "No capability" : `Part of ${capability}`}; {said === "" ? "no step on the ladder" : said}
        </summary>
        <Fields key={place.version} {...{ entry, place, capabilities, environment, refusal }} />
      </details>
    </section>
  );
}

function Fields({ entry, place, capabilities, environment, refusal }: Omit<PlaceFormProps, "now" | "onReceipt">) {
  const [capability, setCapability] = useState(place.capability ?? "");
  const [levels, setLevels] = useState<Readonly<Record<number, string>>>(() =>
    Object.fromEntries(place.steps.map(({ level, position }) => [level, position])),
  );
  const names = useId();
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (body: PlaceRequest) => put<PlaceAnswer>(`/ladder/${encodeURIComponent(entry.key)}${query({ environment })}`, body),
    onSettled: () => readAgain(client),
  });
  const steps = LADDER_LEVELS.flatMap((level) => {
    const position = levels[level] ?? "";
    return position === "" ? [] : [{ level, position }];
  });
  const name = capability.trim();
  const same = name === (place.capability ?? "") && JSON.stringify(steps) === JSON.stringify(place.steps);
  return (
    <div className="pl-place">
      <Field
        label="Capability"
        hint="what of the product it is part of, such as checkout"
        value={capability}
        maxLength={64}
        list={names}
        onChange={(event) => setCapability(event.target.value)}
      />
      <datalist id={names}>
        {capabilities.map((known) => (
          <option key={known} value={known} />
        ))}
      </datalist>
      <fieldset className="pl-steps">
        <legend>On the ladder</legend>
        {LADDER_LEVELS.map((level) => (
          <label key={level}>
            <span>
              From {level}, {LEVEL_NAMES[level]?.toLowerCase()}
            </span>
            <select
              className="sw-select"
              value={levels[level] ?? ""}
              onChange={(event) => setLevels({ ...levels, [level]: event.target.value })}
            >
              <option value="">no step</option>
              {entry.positions.slice(1).map((position) => (
                <option key={position}>{position}</option>
              ))}
            </select>
          </label>
        ))}
      </fieldset>
      <ErrorNote error={save.error} />
      <div className="sw-actions">
        <Button
          refusal={refusal ?? (same ? "Nothing is different." : save.isPending ? "Saving…" : undefined)}
          onClick={() => save.mutate({ capability: name === "" ? null : name, steps, expectedVersion: place.version })}
        >
          Save its place
        </Button>
        {place.updatedBy === null ? null : <span className="sw-note">last set by {actorName(place.updatedBy)}</span>}
      </div>
    </div>
  );
}

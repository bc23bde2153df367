import type { PresetAnswer } from "../../../protocol/preset-api.ts";
import { Button } from "../../components/button.tsx";

export interface PresetStripProps {
  readonly presets: readonly PresetAnswer[];
  /** Something is switched that a preset could be made of. */
  readonly switched: boolean;
  readonly refusal: string | undefined;
  readonly onOpen: (id: string) => void;
  readonly onNew: (from: "nothing" | "now") => void;
}

/** Presets by name. Each opens what it would change. */
export function PresetStrip({ presets, switched, refusal, onOpen, onNew }: PresetStripProps) {
  return (
    <section className="pl-presets" aria-label="Presets">
      <h2>Presets</h2>
      {presets.map(({ id, name, note, items }) => (
        <button key={id} type="button" className="pl-preset" title={note} aria-haspopup="dialog" onClick={() => onOpen(id)}>
          {name} <span className="sw-mono sw-note">{items.length}</span>
        </button>
      ))}
      {presets.length === 0 ? <span className="sw-note">none yet: a preset is a set of changes kept under a name</span> : null}
      <span className="sw-push sw-actions">
        {switched ? (
          <Button tone="quiet" refusal={refusal} onClick={() => onNew("now")}>
            Keep what is switched now
          </Button>
        ) : null}
        <Button tone="quiet" refusal={refusal} onClick={() => onNew("nothing")}>
          New preset
        </Button>
      </span>
    </section>
  );
}

import { STATUSES, statusWord } from "../../../core/health.ts";
import { Chip } from "../../components/chip.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { SEVERITIES } from "../incidents/incident-words.ts";
import { SeverityMark } from "../incidents/severity-mark.tsx";
import { Shelf } from "./shelf.tsx";
import "../incidents/incidents.css";

const SIZES = [12, 14, 16, 20] as const;

/** The status language: shape, colour and word. */
export function StatusBench() {
  return (
    <>
      <Shelf name="Glyph" stacked>
        {STATUSES.map((status) => (
          <span key={status} className="hf-row" data-status={status}>
            {SIZES.map((size) => (
              <Glyph key={size} status={status} size={size} />
            ))}
            {statusWord(status)}
          </span>
        ))}
      </Shelf>
      <Shelf name="Chip">
        <Chip>plain</Chip>
        {STATUSES.map((status) => (
          <Chip key={status} status={status}>
            <Glyph status={status} size={12} /> {statusWord(status)}
          </Chip>
        ))}
      </Shelf>
      <Shelf name="Severity">
        {SEVERITIES.map((severity) => (
          <SeverityMark key={severity} severity={severity} />
        ))}
        <SeverityMark severity={1} over />
      </Shelf>
    </>
  );
}

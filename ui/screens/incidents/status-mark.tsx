import type { IncidentStatus } from "../../../protocol/incident-api.ts";
import type { Status } from "../../../core/health.ts";
import { Glyph } from "../../components/glyph.tsx";
import { STATUS_WORDS } from "./incident-words.ts";

const GLYPHS: Readonly<Record<IncidentStatus, Status>> = { open: "open", acknowledged: "half_open", resolved: "closed", merged: "offline" };

export function StatusMark({ status }: { readonly status: IncidentStatus }) {
  return (
    <span className="in-status" data-status={status}>
      <Glyph status={GLYPHS[status]} size={14} /> {STATUS_WORDS[status]}
    </span>
  );
}

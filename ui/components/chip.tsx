import type { ReactNode } from "react";
import type { Status } from "../../core/health.ts";
import { statusToken } from "./glyph-paths.ts";

/** A small word in a box, coloured only when it names a status. */
export function Chip({ status, children }: { status?: Status | undefined; children: ReactNode }) {
  return (
    <span className="hf-chip" {...(status === undefined ? {} : { "data-status": statusToken(status) })}>
      {children}
    </span>
  );
}

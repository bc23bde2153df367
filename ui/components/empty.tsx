import type { ReactNode } from "react";

/** An empty state that teaches: what would be here, and the next step. */
export function Empty({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <div className="hf-empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

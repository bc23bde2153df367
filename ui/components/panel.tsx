import type { ReactNode } from "react";

/** A titled box. `aside` stands at the end of the title line. */
export function Panel({
  title,
  hint,
  aside,
  children,
  className = "",
}: {
  title?: ReactNode;
  hint?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <section className={`hf-panel ${className}`}>
      {title === undefined ? null : (
        <header className="hf-panel-head">
          <h2>{title}</h2>
          {hint === undefined ? null : <span className="hf-hint">{hint}</span>}
          {aside === undefined ? null : <span className="hf-panel-aside">{aside}</span>}
        </header>
      )}
      {children}
    </section>
  );
}

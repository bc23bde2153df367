import type { ReactNode } from "react";

/** A component's states in a row, under its name. */
export function Shelf({
  name,
  stacked = false,
  children,
}: {
  readonly name: string;
  readonly stacked?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <section className="wb-shelf">
      <h2>{name}</h2>
      <div className="wb-states" data-stacked={stacked}>
        {children}
      </div>
    </section>
  );
}

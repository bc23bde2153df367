import type { ReactNode } from "react";
import { Brand } from "../../frame/brand.tsx";

/** The quiet page before the console: sign-in, set-up, not found. */
export function Door({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="si-door">
      <Brand />
      <section className="si-card">
        <h1>{title}</h1>
        {children}
      </section>
    </main>
  );
}

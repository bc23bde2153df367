import Link from "next/link";
import { memo } from "react";
import { statusWord } from "../../../core/health.ts";
import { formatUs } from "../../charts/format.ts";
import { Glyph } from "../../components/glyph.tsx";
import { statusToken } from "../../components/glyph-paths.ts";
import type { Dependency } from "./dependencies.ts";

function figure(dependency: Dependency): string {
  if (dependency.status === "forced") return "forced";
  if (dependency.p99Us !== null) return formatUs(dependency.p99Us);
  return dependency.load === null ? "" : `${Math.round(dependency.load * 100)} %`;
}

function words(dependency: Dependency): string {
  const from = `from ${dependency.callers.slice(0, 2).join(", ")}${dependency.callers.length > 2 ? ` and ${dependency.callers.length - 2} more` : ""}`;
  return dependency.waiting > 0 ? `${dependency.waiting} waiting, ${from}` : from;
}

/** Databases and foreign systems, seen through the breakers and pools of those who call them. */
export const DependencyRow = memo(function DependencyRow({ dependencies }: { dependencies: readonly Dependency[] }) {
  if (dependencies.length === 0) return null;
  return (
    <section className="fl-deps" aria-label="Dependencies">
      <header className="hf-row">
        <h2>Dependencies</h2>
        <span className="hf-hint">seen through their callers</span>
      </header>
      <ul>
        {dependencies.map((dependency) => (
          <li key={dependency.name} data-status={statusToken(dependency.status)}>
            <Link prefetch={false} href={`/services/${encodeURIComponent(dependency.worstCaller)}`}>
              <span className="fl-dep-name">
                <Glyph status={dependency.status} label={statusWord(dependency.status)} />
                <b>{dependency.name}</b>
                <span className="hf-figure">{figure(dependency)}</span>
              </span>
              <span className="hf-hint">{words(dependency)}</span>
              {dependency.load === null ? null : (
                <span
                  className="fl-dep-load"
                  data-near={dependency.load >= 0.8}
                  style={{ width: `${Math.min(100, dependency.load * 100)}%` }}
                  aria-hidden
                />
              )}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
});

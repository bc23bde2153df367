"use client";
import { formatClock } from "../../charts/format.ts";
import Link from "next/link";
import { memo } from "react";
import type { AttentionItem } from "../../../core/attention.ts";
import { statusWord } from "../../../core/health.ts";
import { Glyph } from "../../components/glyph.tsx";
import { useConnectionState } from "../../live/hooks.ts";
import { useLiveStore } from "../../live/live-provider.tsx";
import type { RailWords } from "./rail.ts";

const QUIET_SHOWN = 4;

/** What needs a person, worst first; an order changes only when it has held for five seconds. */
export const AttentionRail = memo(function AttentionRail({ rail: { items, total, quiet, quietTotal } }: { rail: RailWords }) {
  const store = useLiveStore();
  const lost = useConnectionState() === "lost";
  return (
    <section className="fl-rail" aria-label="Needs attention">
      <header>
        <h2>
          Needs attention <span className="hf-figure">{total}</span>
        </h2>
        <span className="hf-hint">worst first, holds 5 s</span>
      </header>
      {lost ? (
        <p className="fl-rail-lost" role="status">
          <b>The console is not heard.</b> This list is of {formatClock(store.connection.now)}; what has happened since is unknown.
        </p>
      ) : null}
      <ol>
        {items.map((item) => (
          <RailItem key={item.key} status={item.status} service={item.service} title={item.title} text={item.text} figure={item.figure} />
        ))}
      </ol>
      {total > items.length ? <p className="fl-rail-foot">and {total - items.length} more</p> : null}
      <p className="fl-rail-foot">
        <Glyph status="closed" />{" "}
        {total === 0
          ? "Everything is quiet."
          : quietTotal === 0
            ? "No service is quiet."
            : `Everything else is quiet: ${quiet.slice(0, QUIET_SHOWN).join(", ")}${quietTotal > QUIET_SHOWN ? ` and ${quietTotal - QUIET_SHOWN} more` : ""}.`}
      </p>
    </section>
  );
});

/** Its words change seldom, the list is looked at each second. */
const RailItem = memo(function RailItem({ status, service, title, text, figure }: Omit<AttentionItem, "key" | "weight">) {
  return (
    <li data-status={status}>
      <Link prefetch={false} href={status === "switched" ? "/switchboard" : `/services/${encodeURIComponent(service)}`}>
        <Glyph status={status} label={statusWord(status)} />
        <span className="hf-grow">
          <span className="fl-rail-title">
            <b>{title}</b>
            <span className="hf-figure">{figure}</span>
          </span>
          <span className="fl-rail-text">{text}</span>
        </span>
      </Link>
    </li>
  );
});

"use client";
import { formatClock } from "../../charts/format.ts";
import Link from "next/link";
import { memo } from "react";
import type { AttentionItem } from "../../../core/attention.ts";
import { statusWord } from "../../../core/health.ts";
import { Glyph } from "../../components/glyph.tsx";
import type { FleetWords } from "./fleet-picture.ts";
import { useAttention } from "./use-attention.ts";

const SHOWN = 20;

/** What needs a person, worst first; an order changes only when it has held for five seconds. */
export const AttentionRail = memo(function AttentionRail({ words }: { words: FleetWords }) {
  const { items, quiet, lost, at } = useAttention(words);
  return (
    <section className="fl-rail" aria-label="Needs attention">
      <header>
        <h2>
          Needs attention <span className="hf-figure">{items.length}</span>
        </h2>
        <span className="hf-hint">worst first, holds 5 s</span>
      </header>
      {lost ? (
        <p className="fl-rail-lost" role="status">
          <b>The console is not heard.</b> This list is of {formatClock(at)}; what has happened since is unknown.
        </p>
      ) : null}
      <ol>
        {items.slice(0, SHOWN).map((item) => (
          <RailItem key={item.key} status={item.status} service={item.service} title={item.title} text={item.text} figure={item.figure} />
        ))}
      </ol>
      {items.length > SHOWN ? <p className="fl-rail-foot">and {items.length - SHOWN} more</p> : null}
      <p className="fl-rail-foot">
        <Glyph status="closed" />{" "}
        {items.length === 0
          ? "Everything is quiet."
          : quiet.size === 0
            ? "No service is quiet."
            : `Everything else is quiet: ${[...quiet].slice(0, 4).join(", ")}${quiet.size > 4 ? ` and ${quiet.size - 4} more` : ""}.`}
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

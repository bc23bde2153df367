"use client";
import Link from "next/link";
import type { Cascade } from "../../../core/cascade.ts";
import type { DependencyMap, MapEdge, MapNode } from "../../../core/dependency-map.ts";
import { statusWord } from "../../../core/health.ts";
import { Glyph } from "../../components/glyph.tsx";
import { edgeWords, failing, nodeWords, perSecond, throughWords } from "./edge-words.ts";

/** One node in words: how it is, whom it calls and through what, who calls it. */
export function NodeFacts({
  node,
  map,
  now,
  onSelect,
}: {
  node: MapNode;
  map: DependencyMap;
  now: number;
  onSelect: (key: string) => void;
}) {
  const out = map.edges.filter((edge) => edge.from === node.key);
  const into = map.edges.filter((edge) => edge.to === node.key);
  return (
    <section className="mp-facts" aria-label={node.name}>
      <header className="hf-row">
        <Glyph status={node.status} size={16} />
        <h2>{node.name}</h2>
        <span data-status-word={node.status}>{nodeWords(node, now)}</span>
      </header>
      {node.kind === "service" ? (
        <p className="hf-row">
          <span className="hf-grow hf-figure">
            {perSecond(node.requests)}, {failing({ calls: node.requests, failures: node.errors })} errors, {node.live}/{node.instances} live
          </span>
          <Link className="hf-button" data-tone="default" href={`/services/${encodeURIComponent(node.name)}`}>
            Open
          </Link>
        </p>
      ) : (
        <p className="hf-hint">No agent runs here: this is what its callers see.</p>
      )}
      <Ends title="Calls" edges={out} end="to" onSelect={onSelect} />
      <Ends title="Called by" edges={into} end="from" onSelect={onSelect} />
    </section>
  );
}

interface EndsProps {
  readonly title: string;
  readonly edges: readonly MapEdge[];
  readonly end: "from" | "to";
  readonly onSelect: (key: string) => void;
}

function Ends({ title, edges, end, onSelect }: EndsProps) {
  if (edges.length === 0) return null;
  return (
    <>
      <h3>
        {title} <span className="hf-hint">{edges.length}</span>
      </h3>
      <ul>
        {edges.map((edge) => (
          <li key={edge.key}>
            <button type="button" onClick={() => onSelect(edge[end])}>
              <Glyph status={edge.status} />
              <span className="hf-grow">
                <b>{edge[end]}</b>
                <span className="mp-facts-words">
                  <span data-status-word={edge.status}>{edgeWords(edge)}</span> · {throughWords(edge)}
                </span>
              </span>
              <span className="mp-facts-figures hf-figure">
                {perSecond(edge.calls)}
                <span>{failing(edge)} fail</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** What is impaired and calls nothing that is, and who lies upstream of each. */
export function CascadeFacts({ cascade, onSelect }: { cascade: Cascade; onSelect: (key: string) => void }) {
  return (
    <section className="mp-facts" aria-label="Cascade">
      <h2>Cascade</h2>
      {cascade.roots.length === 0 ? (
        <p className="hf-hint">Nothing is impaired.</p>
      ) : (
        <p className="hf-hint">
          Impaired, and calling nothing that is impaired: where to look first. Who calls it, directly or through others, may feel it.
        </p>
      )}
      <ul>
        {cascade.roots.map((root) => (
          <li key={root.key}>
            <button type="button" onClick={() => onSelect(root.key)}>
              <Glyph status={root.status} />
              <span className="hf-grow">
                <b>{root.key}</b>
                <span className="mp-facts-words">
                  <span data-status-word={root.status}>{statusWord(root.status)}</span>
                  {root.upstream.length === 0 ? ", nobody calls it" : `, upstream ${root.upstream.map((entry) => entry.key).join(", ")}`}
                </span>
              </span>
              <span className="mp-facts-figures hf-figure">{root.upstream.length}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

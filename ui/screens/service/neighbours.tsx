"use client";

import Link from "next/link";
import { memo } from "react";
import { dependencyMap, type DependencyMap, type MapEdge, type MapNode } from "../../../core/dependency-map.ts";
import { severity, statusWord } from "../../../core/health.ts";
import { Glyph } from "../../components/glyph.tsx";
import { edgeWords, failing, perSecond, throughWords } from "../map/edge-words.ts";
import { columnIndex } from "../../../protocol/kinds.ts";
import { useNow } from "../../live/hooks.ts";
import { useLiveStore } from "../../live/live-provider.tsx";
import { rateAt } from "../../live/rates.ts";

/** Lines of one side; the map has them all. */
const LINES = 8;

/** The whole fleet is looked at: seldom enough. */
const BEAT_MS = 2_000;

/** Who calls this service, and whom it calls, each as the caller sees it. */
export const Neighbours = memo(function Neighbours({ service }: { readonly service: string }) {
  const store = useLiveStore();
  const map = dependencyMap(store.instances, useNow(BEAT_MS), (instance, resource, column) => {
    const index = columnIndex(resource.kind, column);
    return index < 0 ? null : rateAt(store.ring(instance.key).samples, resource.offset + index);
  });
  const { callers, dependencies } = neighboursOf(map, service);
  if (callers.length + dependencies.length === 0) return null;
  const self = map.nodes.get(service);
  return (
    <section aria-label="Callers and dependencies">
      <div className="svc-section-head">
        <h2>Callers and dependencies</h2>
        <span className="svc-note">as each caller sees its calls</span>
        <Link className="svc-push svc-note" href={`/map?service=${encodeURIComponent(service)}`}>
          On the map
        </Link>
      </div>
      <div className="svc-neighbours">
        <Side title="Callers" none="Nobody here calls it through a breaker or a pool." edges={callers} far="from" nodes={map.nodes} />
        <div className="svc-self">
          <Glyph status={self?.status ?? "unseen"} size={16} />
          <b>{service}</b>
          <span className="svc-note svc-mono">{perSecond(self?.requests ?? null)}</span>
        </div>
        <Side title="Dependencies" none="It tells of none." edges={dependencies} far="to" nodes={map.nodes} />
      </div>
    </section>
  );
});

interface SideProps {
  readonly title: string;
  readonly none: string;
  readonly edges: readonly MapEdge[];
  readonly far: "from" | "to";
  readonly nodes: ReadonlyMap<string, MapNode>;
}

function Side({ title, none, edges, far, nodes }: SideProps) {
  const rest = edges.length - LINES;
  return (
    <div>
      <h3 className="svc-note">
        {title} {edges.length === 0 ? "" : edges.length}
      </h3>
      {edges.length === 0 ? <p className="svc-note">{none}</p> : null}
      <ul className="svc-rows">
        {edges.slice(0, LINES).map((edge) => (
          <li key={edge.key} className="svc-neighbour" title={throughWords(edge)}>
            <Glyph status={edge.status} size={14} />
            {nodes.get(edge[far])?.kind === "service" ? (
              <Link href={`/services/${encodeURIComponent(edge[far])}`}>{edge[far]}</Link>
            ) : (
              <span>{edge[far]}</span>
            )}
            <span data-status-word={edge.status}>{edge.status === "closed" ? statusWord("closed") : edgeWords(edge)}</span>
            <span className="svc-mono svc-right">
              {perSecond(edge.calls)}, {failing(edge)} fail
            </span>
          </li>
        ))}
      </ul>
      {rest > 0 ? <p className="svc-note">and {rest} more on the map</p> : null}
    </div>
  );
}

/** Worst first, then by name. */
export function neighboursOf(
  { edges }: Pick<DependencyMap, "edges">,
  service: string,
): { readonly callers: readonly MapEdge[]; readonly dependencies: readonly MapEdge[] } {
  const worst = (far: "from" | "to") => (a: MapEdge, b: MapEdge) => severity(b.status) - severity(a.status) || (a[far] < b[far] ? -1 : 1);
  return {
    callers: edges.filter(({ to, from }) => to === service && from !== service).sort(worst("from")),
    dependencies: edges.filter(({ from, to }) => from === service && to !== service).sort(worst("to")),
  };
}

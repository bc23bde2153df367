/** Who depends on whom, as agents report it: each resource with a target is an edge. */
import type { Edge } from "../../protocol/incident-api.ts";
import type { Kind } from "../../protocol/kinds.ts";

interface Described {
  readonly service: string;
  readonly resources: readonly { readonly kind: Kind; readonly name: string; readonly target?: string | undefined }[];
}

const through = ({ kind, name }: { readonly kind: Kind; readonly name: string }): string => `${kind} ${name}`;

/** Each edge once, in a fixed order. */
export function edgesOf(instances: Iterable<Described>): Edge[] {
  const edges = new Map<string, Edge>();
  for (const { service, resources } of instances)
    for (const resource of resources) {
      const { target } = resource;
      if (target === undefined || target === service) continue;
      const edge = { from: service, to: target, through: through(resource) };
      edges.set(JSON.stringify(Object.values(edge)), edge);
    }
  return [...edges].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, edge]) => edge);
}

export class Paths {
  readonly #next = new Map<string, Set<string>>();
  readonly #targets = new Map<string, string>();
  readonly #near = new Map<number, Map<string, ReadonlySet<string>>>();

  constructor(edges: readonly Edge[]) {
    for (const { from, to, through: by } of edges) {
      const next = this.#next.get(from);
      if (next) next.add(to);
      else this.#next.set(from, new Set([to]));
      this.#targets.set(`${from}\n${by}`, to);
    }
  }

  /** What is on the far side of a resource; null when nobody says. */
  targetOf(service: string, resource: { readonly kind: Kind; readonly name: string } | null): string | null {
    return resource === null ? null : (this.#targets.get(`${service}\n${through(resource)}`) ?? null);
  }

  /** `to` is `from`, or is reached by calls from it over at most so many edges. */
  reaches(from: string, to: string, most = Infinity): boolean {
    if (from === to) return true;
    let known = this.#near.get(most);
    if (!known) this.#near.set(most, (known = new Map<string, ReadonlySet<string>>()));
    let near = known.get(from);
    if (!near) known.set(from, (near = this.#walk(from, most)));
    return near.has(to);
  }

  #walk(from: string, most: number): ReadonlySet<string> {
    const found = new Set([from]);
    let border = [from];
    for (let hops = 0; hops < most && border.length > 0; hops++) {
      const next: string[] = [];
      for (const node of border)
        for (const to of this.#next.get(node) ?? []) {
          if (found.has(to)) continue;
          found.add(to);
          next.push(to);
        }
      border = next;
    }
    return found;
  }
}

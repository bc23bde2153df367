/** Where the services of an incident stand in its small picture: callers left of what they call. Pure. */
import type { Edge, Suspect } from "../../../protocol/incident-api.ts";

export interface PictureNode {
  readonly service: string;
  readonly column: number;
  readonly row: number;
  /** Its own symptoms, as numbers of the cascade. */
  readonly numbers: readonly number[];
}

export interface PictureEdge {
  readonly from: string;
  readonly to: string;
  readonly through: readonly string[];
  /** Symptoms the caller has with what it calls. */
  readonly numbers: readonly number[];
}

export interface Picture {
  readonly nodes: readonly PictureNode[];
  readonly edges: readonly PictureEdge[];
  readonly columns: number;
  readonly rows: number;
}

/** More than this is no small picture: what comes later in the cascade is left out. */
const NODES_MOST = 16;

export function pictureOf(suspects: readonly Pick<Suspect, "service" | "target">[], known: readonly Edge[]): Picture {
  const involved = [...new Set(suspects.flatMap(({ service, target }) => (target === null ? [service] : [target, service])))];
  const names = new Set(involved.slice(0, NODES_MOST));
  const edges = new Map<string, { from: string; to: string; through: string[]; numbers: number[] }>();
  const edge = (from: string, to: string) => {
    const key = JSON.stringify([from, to]);
    let found = edges.get(key);
    if (!found) edges.set(key, (found = { from, to, through: [], numbers: [] }));
    return found;
  };
  for (const { from, to, through } of known) {
    if (!names.has(from) || !names.has(to) || from === to) continue;
    const call = edge(from, to);
    // An incident that took another in has what both knew.
    if (!call.through.includes(through)) call.through.push(through);
  }
  const own = new Map<string, number[]>([...names].map((name) => [name, []]));
  suspects.forEach(({ service, target }, index) => {
    if (target !== null && target !== service && names.has(service) && names.has(target)) edge(service, target).numbers.push(index + 1);
    else own.get(service)?.push(index + 1);
  });
  const column = columnsOf([...names], [...edges.values()]);
  const taken = new Map<number, number>();
  const nodes = [...names].map((service) => {
    const at = column.get(service) ?? 0;
    const row = taken.get(at) ?? 0;
    taken.set(at, row + 1);
    return { service, column: at, row, numbers: own.get(service) ?? [] };
  });
  return { nodes, edges: [...edges.values()], columns: Math.max(0, ...taken.keys()) + 1, rows: Math.max(1, ...taken.values()) };
}

/** The longest way from a caller nobody calls; a call that closes a circle counts for nothing. */
function columnsOf(names: readonly string[], edges: readonly Pick<PictureEdge, "from" | "to">[]): ReadonlyMap<string, number> {
  const columns = new Map<string, number>();
  const visit = (name: string, way: ReadonlySet<string>): number => {
    const done = columns.get(name);
    if (done !== undefined) return done;
    const callers = edges.filter(({ to, from }) => to === name && !way.has(from)).map(({ from }) => from);
    const next = new Set([...way, name]);
    const column = callers.reduce((most, caller) => Math.max(most, visit(caller, next) + 1), 0);
    columns.set(name, column);
    return column;
  };
  for (const name of names) visit(name, new Set([name]));
  return columns;
}

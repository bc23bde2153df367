/**
 * Where the parts of this process and its agent find each other, whichever came first. On globalThis, so that two copies of this
 * package in one process share it.
 */
import type { Disposer } from "../types.ts";
import type { Part, PartHost } from "./part.ts";

interface Home {
  readonly parts: Map<Part, Disposer | null>;
  host: PartHost | null;
}

const KEY = Symbol.for("@holdfast/agent:home:1");

/** Where an agent shows that it takes parts: the property holds its PartHost. */
export const PART_HOST = Symbol.for("@holdfast/agent:part-host");

function home(): Home {
  const holder = globalThis as { [KEY]?: Home | undefined };
  return (holder[KEY] ??= { parts: new Map(), host: null });
}

/** Attaches a part to the agent given, or to the process's one, now or later. The answer takes it away again. */
export function settleAt(agent: object | undefined, part: Part): Disposer {
  const host = (agent as { readonly [PART_HOST]?: PartHost } | undefined)?.[PART_HOST];
  return host === undefined ? settle(part) : host.attach(part);
}

/** Adds a part. It is attached to the process's agent as soon as there is one. The answer takes it away again. */
export function settle(part: Part): Disposer {
  const { parts, host } = home();
  parts.set(part, host === null ? null : host.attach(part));
  return () => {
    parts.get(part)?.();
    parts.delete(part);
  };
}

/** Makes this the process's agent unless there is one; false when there is. The first to open is the one. */
export function moveIn(host: PartHost): boolean {
  const here = home();
  if (here.host !== null) return false;
  here.host = host;
  for (const part of here.parts.keys()) here.parts.set(part, host.attach(part));
  return true;
}

/** The agent closes: parts go on with what they hold, until another one opens. */
export function moveOut(host: PartHost): void {
  const here = home();
  if (here.host !== host) return;
  here.host = null;
  for (const [part, detach] of here.parts) {
    detach?.();
    here.parts.set(part, null);
  }
}

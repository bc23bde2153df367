/** Packed pages of a window, part by part: first what is in memory, then what is stored, so that a page written meanwhile is never missed. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { packWindow } from "../../core/replay-page.ts";
import type { FramedPage } from "../../core/replay-samples.ts";
import { GAP_MS } from "../../core/series.ts";
import type { HeldSamples } from "../history/series-reader.ts";
import type { Log } from "../log.ts";
import { InvalidCursor, type SamplePage, type Store } from "../store/store.ts";
import type { StoredPage } from "../store/tier-store.ts";
import { cutHere, cutOne, type Cut, type PageCutter } from "./cut-pages.ts";

/** What one answer may carry; the last page may go beyond. */
export const PART_BYTES = 4 * 1024 * 1024;
const PAGES_PER_READ = 32;
/** Hours that are cut at once. */
const CUT_TOGETHER = 8;
/** An open minute ends no later than this after it began. */
const MINUTE_AT_MOST_MS = 65_000;
/** A page of a minute is sent as it is; of one of an hour only what was asked for. */
const WHOLE_UP_TO_MS = 600_000;

export interface SamplePartsOptions {
  readonly store: Pick<Store, "listPages" | "listPageOwners">;
  readonly held: () => readonly HeldSamples[];
  readonly log: Log;
  /** Cuts windows out of hours, away from this thread if it can. */
  readonly cutter?: PageCutter;
  readonly partBytes?: number;
}

export interface SamplePartQuery {
  readonly environment: string;
  readonly service?: string;
  readonly from: number;
  readonly to: number;
  readonly cursor?: string;
}

export interface SamplePart {
  readonly pages: readonly FramedPage[];
  readonly nextCursor: string | null;
}

/** Behind which held page, or behind which stored page of which service, the part begins. */
type Place = readonly ["held", string] | readonly ["stored", string, number, number];

/** With a little of the time before the window, so that every instance has values when it begins. @throws InvalidCursor */
export async function readSamplePart(options: SamplePartsOptions, query: SamplePartQuery): Promise<SamplePart> {
  const place: Place = query.cursor === undefined ? ["held", ""] : readPlace(query.cursor);
  const part = new Part(options.partBytes ?? PART_BYTES);
  const window = { from: query.from - GAP_MS, to: query.to };
  if (place[0] === "held") {
    const at = await addHeld(options, { ...query, ...window, after: place[1] }, part);
    if (at !== null) return part.upTo(["held", at]);
  }
  const services = await servicesOf(options, query);
  const [, current, to, id] = place[0] === "stored" ? place : [null, "", 0, 0];
  for (const service of services) {
    if (service < current) continue;
    let after = service === current ? { to, id } : undefined;
    for (;;) {
      const pages = await options.store.listPages({
        ...window,
        environment: query.environment,
        service,
        limit: PAGES_PER_READ,
        ...(after ? { after } : {}),
      });
      for (const some of groupsOf(pages)) {
        if (part.full) return part.upTo(["stored", service, after?.to ?? 0, after?.id ?? 0]);
        const cut = await bytesOf(options, some, window);
        for (const [i, page] of some.entries()) {
          part.add(page, cut[i] ?? null);
          after = { to: page.to, id: page.id };
        }
      }
      if (pages.length < PAGES_PER_READ) break;
    }
  }
  return part.upTo(null);
}

class Part {
  readonly #pages: FramedPage[] = [];
  readonly #most: number;
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get full(): boolean {
    return this.#bytes >= this.#most;
  }

  add({ service, instance, boot }: Pick<SamplePage, "service" | "instance" | "boot">, bytes: Uint8Array | null): void {
    if (bytes === null) return;
    this.#pages.push({ key: `${service}/${instance}`, boot, bytes });
    this.#bytes += bytes.length;
  }

  upTo(place: Place | null): SamplePart {
    return { pages: this.#pages, nextCursor: place && Buffer.from(JSON.stringify(place)).toString("base64url") };
  }
}

interface HeldQuery {
  readonly environment: string;
  readonly service?: string;
  readonly from: number;
  readonly to: number;
  readonly after: string;
}

/** Answers where it stopped; null when all is in. */
async function addHeld({ held, log }: SamplePartsOptions, query: HeldQuery, part: Part): Promise<string | null> {
  const found = held()
    .filter(({ source, from, page }) => {
      const end = page?.to ?? from + MINUTE_AT_MOST_MS;
      const wanted = source.environment === query.environment && (query.service === undefined || source.service === query.service);
      return wanted && from <= query.to && end >= query.from;
    })
    .map((one) => ({ ...one, name: `${one.source.service}/${one.source.instance}` }))
    .filter(({ name }) => name > query.after)
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.from - b.from));
  let last: string | null = null;
  for (const { name, source, page, read } of found) {
    // All of an instance in one part: the next one begins behind its name.
    if (part.full && last !== null && name !== last) return last;
    if (page) part.add(source, isWhole(page) ? page.bytes : told(log, page, cutOne({ bytes: page.bytes, window: query })));
    else if (read)
      part.add(
        source,
        packWindow(
          read(() => true),
          query,
        ),
      );
    if (name !== last) await nextTurn();
    last = name;
  }
  return null;
}

async function servicesOf({ store }: SamplePartsOptions, { environment, service }: SamplePartQuery): Promise<readonly string[]> {
  if (service !== undefined) return [service];
  const owners = await store.listPageOwners();
  return owners
    .filter((owner) => owner.environment === environment)
    .map((owner) => owner.service)
    .sort();
}

interface Window {
  readonly from: number;
  readonly to: number;
}

const isWhole = ({ from, to }: SamplePage): boolean => to - from <= WHOLE_UP_TO_MS;

/** Pages of minutes one by one; of hours a few together, so that the thread that cuts them is asked less often. */
function groupsOf(pages: readonly StoredPage[]): readonly StoredPage[][] {
  const groups: StoredPage[][] = [];
  for (const page of pages) {
    const open = groups.at(-1);
    if (open && open.length < CUT_TOGETHER && !isWhole(page) && !open.some(isWhole)) open.push(page);
    else groups.push([page]);
  }
  return groups;
}

/** What each page has of the window; null when it has nothing, or cannot be read. */
async function bytesOf(
  { log, cutter }: SamplePartsOptions,
  pages: readonly SamplePage[],
  window: Window,
): Promise<readonly (Uint8Array | null)[]> {
  if (pages.every(isWhole)) return pages.map(({ bytes }) => bytes);
  const asked = pages.map(({ bytes }) => ({ bytes, window }));
  const cuts = await (cutter?.cut(asked) ?? cutHere(asked));
  return pages.map((page, i) => told(log, page, cuts[i] ?? { bytes: null }));
}

/** A damaged page is reported and left out; the rest of the answer stands. */
function told(log: Log, page: SamplePage, cut: Cut): Uint8Array | null {
  if ("bytes" in cut) return cut.bytes;
  log.error(
    { err: cut.damage, service: page.service, instance: page.instance, from: page.from },
    "a page of samples is damaged and was left out",
  );
  return null;
}

/** @throws InvalidCursor */
function readPlace(cursor: string): Place {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    throw new InvalidCursor();
  }
  const [kind, name, to, id] = Array.isArray(parts) ? (parts as unknown[]) : [];
  if (typeof name !== "string") throw new InvalidCursor();
  if (kind === "held") return ["held", name];
  if (kind !== "stored" || !Number.isSafeInteger(to) || !Number.isSafeInteger(id)) throw new InvalidCursor();
  return ["stored", name, to as number, id as number];
}

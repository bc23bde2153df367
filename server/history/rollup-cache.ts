/**
 * Decoded rollups of windows, kept in bounded memory. Each question to the database names the version that is held, so what is answered is
 * never older than what is stored, whichever console rolled it up.
 */
import { decodeRollup } from "../../core/rollup-page.ts";
import { isLatency, type ResourceRollup } from "../../core/rollup.ts";
import { spanOf } from "../../core/tiers.ts";
import type { Store } from "../store/store.ts";
import type { RollupQuery, RollupRow, Rollups } from "../store/tier-store.ts";

/** A stored rollup that can be looked into. */
export interface ReadableRollup extends RollupRow {
  /** Shared with others who ask: not to be changed. @throws PageError */
  decode(): ResourceRollup;
}

export interface ReadRollups {
  readonly rows: readonly ReadableRollup[];
  readonly due: Rollups["due"];
}

/** Reads these columns of the rollups that are asked for, and which hours are not all in them. */
export type RollupReader = (query: RollupQuery, columns: readonly string[]) => Promise<ReadRollups>;

interface Answer {
  readonly version: string;
  readonly rows: readonly ReadableRollup[];
  readonly weight: number;
}

export const ROLLUP_CACHE_BYTES = 64 * 1024 * 1024;
/** Of a row besides its bytes and numbers, of a bucket of a column, and of what a packed byte of a histogram becomes. */
const ROW_BYTES = 600;
const BUCKET_BYTES = 40;
const CELL_BYTES = 40;

/** @param most bytes of rollups that are kept; what was asked for longest ago goes first */
export function cachedRollups(store: Pick<Store, "readRollupsSince">, most = ROLLUP_CACHE_BYTES): RollupReader {
  const answers = new Map<string, Answer>();
  let weight = 0;

  function drop(key: string): void {
    weight -= answers.get(key)?.weight ?? 0;
    answers.delete(key);
  }

  /** As the one that was asked for last. */
  function keep(key: string, answer: Answer): void {
    drop(key);
    if (answer.weight > most) return;
    answers.set(key, answer);
    weight += answer.weight;
    for (const oldest of answers.keys()) {
      if (weight <= most) return;
      drop(oldest);
    }
  }

  return async (query, columns) => {
    const { tierMs, environment, service, instance, kinds, resource, from, to, limit } = query;
    const key = JSON.stringify([tierMs, environment, service, instance, kinds, resource, from, to, limit, columns]);
    const before = answers.get(key);
    const { version, due, rows } = await store.readRollupsSince(query, before?.version ?? null);
    if (before && rows === null) {
      keep(key, before);
      return { rows: before.rows, due };
    }
    const known = new Map(before?.rows.map((row) => [keyOf(row), row]));
    const readable = (rows ?? []).map((row) => {
      const old = known.get(keyOf(row));
      return old && Buffer.compare(old.bytes, row.bytes) === 0 ? old : readableOf(row, columns);
    });
    keep(key, { version, rows: readable, weight: readable.reduce((sum, row) => sum + weightOf(row, columns), 0) });
    return { rows: readable, due };
  };
}

function readableOf(row: RollupRow, columns: readonly string[]): ReadableRollup {
  let decoded: ResourceRollup | null = null;
  const { from, resource: name } = row;
  return { ...row, decode: () => (decoded ??= decodeRollup(row.bytes, { from, name }, (column) => columns.includes(column))) };
}

const keyOf = ({ from, instance, kind, resource }: RollupRow): string => `${from}\n${instance}\n${kind}\n${resource}`;

/** At most this much, once it is decoded. */
function weightOf({ bytes, tierMs }: RollupRow, columns: readonly string[]): number {
  const buckets = (spanOf(tierMs) / tierMs) * columns.length;
  return ROW_BYTES + bytes.length * (columns.some(isLatency) ? 1 + CELL_BYTES : 1) + buckets * BUCKET_BYTES;
}

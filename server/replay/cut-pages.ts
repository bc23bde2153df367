/** Cuts windows out of stored pages. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { PageError } from "../../core/page.ts";
import { cutPage } from "../../core/replay-cut.ts";

export interface CutAsked {
  readonly bytes: Uint8Array;
  readonly window: { readonly from: number; readonly to: number };
}

/** Null bytes: nothing of the page is in the window. */
export type Cut = { readonly bytes: Uint8Array | null } | { readonly damage: string };

export interface PageCutter {
  /** One answer for each, in order. */
  cut(asked: readonly CutAsked[]): Promise<readonly Cut[]>;
}

export function cutOne({ bytes, window }: CutAsked): Cut {
  try {
    return { bytes: cutPage(bytes, window) };
  } catch (error) {
    if (error instanceof PageError) return { damage: error.message };
    throw error;
  }
}

/** In this thread, page by page with a turn for others between. */
export async function cutHere(asked: readonly CutAsked[]): Promise<readonly Cut[]> {
  const cuts: Cut[] = [];
  for (const one of asked) {
    await nextTurn();
    cuts.push(cutOne(one));
  }
  return cuts;
}

/** What the page and the worker that makes its picture say to each other. Plain data, in order. */
import type { LiveDown } from "../../../protocol/live.ts";
import type { SeriesAnswer } from "../../../protocol/api.ts";
import type { ToReader } from "../../live/follower.ts";
import type { FleetWords, PictureFrame, PictureLook, PictureRequest } from "./fleet-picture.ts";
import type { Members } from "./grid-layout.ts";

/** A typeface of the page; `source` as in its style sheet, with whole addresses. */
export interface Face {
  readonly family: string;
  readonly source: string;
  readonly weight: string;
}

export type ToPictureWorker =
  | ToReader
  | { readonly t: "look"; readonly look: PictureLook; readonly faces: readonly Face[] }
  /** Stored samples of before the page was opened. */
  | { readonly t: "backfill"; readonly answer: SeriesAnswer }
  /** Make a picture; without a frame, say it and draw nothing. */
  | { readonly t: "make"; readonly request: PictureRequest; readonly frame: PictureFrame | null };

export type FromPictureWorker =
  | {
      readonly t: "picture";
      readonly words: FleetWords;
      /** Who stands where; null while that is as it was. */
      readonly members: readonly Members[] | null;
      readonly drawn: Drawing | null;
    }
  /** A breaker changed its state, who is there changed, or a typeface came: a picture is due. */
  | { readonly t: "moved" }
  | { readonly t: "caught-up"; readonly question: number; readonly values: readonly LiveDown[] };

/** What was drawn, and for which frame. */
export interface Drawing {
  readonly bitmap: ImageBitmap;
  readonly frame: PictureFrame;
}

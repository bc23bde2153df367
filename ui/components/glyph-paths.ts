/** The shapes of the status language on a 16 by 16 grid, shared by SVG and canvas. Shape first, then colour, then word. */
import type { Status } from "../../core/health.ts";

export interface GlyphShape {
  /** Path data. */
  readonly d: string;
  readonly paint: "fill" | "stroke";
  readonly width?: number;
  readonly dash?: readonly number[];
}

const RING = "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0 -11z";

export const GLYPHS: Readonly<Record<Status, readonly GlyphShape[]>> = {
  closed: [{ d: RING, paint: "stroke", width: 2 }],
  half_open: [
    { d: RING, paint: "stroke", width: 2 },
    { d: "M8 2.5a5.5 5.5 0 0 0 0 11z", paint: "fill" },
  ],
  warning: [{ d: "M8 1.8L14.8 13.6a.4 .4 0 0 1 -.35 .6H1.55a.4 .4 0 0 1 -.35 -.6z", paint: "fill" }],
  open: [
    { d: "M2 2.6a.6 .6 0 0 1 .6 -.6H8.6L5.6 14H2.6a.6 .6 0 0 1 -.6 -.6z", paint: "fill" },
    { d: "M10.4 2H13.4a.6 .6 0 0 1 .6 .6V13.4a.6 .6 0 0 1 -.6 .6H7.4z", paint: "fill" },
  ],
  forced: [
    { d: "M8.2 3H3.6a.6 .6 0 0 0 -.6 .6V12.4a.6 .6 0 0 0 .6 .6H5.6M10.6 3H12.4a.6 .6 0 0 1 .6 .6V7", paint: "stroke", width: 2 },
    { d: "M8.7 10.2h5.6a.5 .5 0 0 1 .5 .5v3.6a.5 .5 0 0 1 -.5 .5H8.7a.5 .5 0 0 1 -.5 -.5v-3.6a.5 .5 0 0 1 .5 -.5z", paint: "fill" },
    { d: "M9.8 10.4V9.3a1.7 1.7 0 0 1 3.4 0V10.4", paint: "stroke", width: 1.2 },
  ],
  switched: [
    { d: "M2.5 4.5L8 9.5L13.5 4.5", paint: "stroke", width: 2.6 },
    { d: "M3 13h10", paint: "stroke", width: 2 },
  ],
  stale: [
    { d: RING, paint: "stroke", width: 1.4 },
    { d: "M4.4 10.2L10.2 4.4M5.6 12L12 5.6M4 7.4L7.4 4", paint: "stroke", width: 1.2 },
  ],
  offline: [{ d: RING, paint: "stroke", width: 1.6, dash: [2.6, 2] }],
  unseen: [{ d: "M8 6.6a1.4 1.4 0 1 0 0 2.8a1.4 1.4 0 1 0 0 -2.8z", paint: "fill" }],
};

/** Name of the colour token of a status. */
export function statusToken(status: Status): string {
  switch (status) {
    case "half_open":
      return "half";
    case "warning":
      return "warn";
    case "switched":
      return "switch";
    case "unseen":
      return "offline";
    default:
      return status;
  }
}

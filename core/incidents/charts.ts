/** Charts of a write-up as SVG documents: readable on white and on dark, without colour, and without any script or style sheet. */
import type { Symptom } from "../../protocol/incident-api.ts";
import { symptomTitle } from "./words.ts";

const WIDTH = 760;
const LEFT = 190;
const RIGHT = 16;
const LANE = 22;
const TOP = 26;
const MOST_LANES = 24;

export interface ChartWindow {
  readonly from: number;
  readonly to: number;
}

/** Text inside a document: names come from agents and people. */
export const escapeXml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`).replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "");

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
const round = (value: number): string => String(Math.round(value * 10) / 10);

function placeOf({ from, to }: ChartWindow): (at: number) => number {
  const width = WIDTH - LEFT - RIGHT;
  return (at) => LEFT + (Math.min(Math.max(at, from), to) - from) * (width / Math.max(1, to - from));
}

function frame(height: number, title: string, body: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" font-family="sans-serif" font-size="11" fill="#6b7480"><title>${escapeXml(title)}</title>${body.join("")}</svg>`;
}

/** A few times, as UTC, with a line each. */
function axis(window: ChartWindow, height: number): string[] {
  const place = placeOf(window);
  const seconds = window.to - window.from < 10 * 60_000;
  return [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = window.from + share * (window.to - window.from);
    const x = round(place(at));
    const anchor = share === 0 ? "start" : share === 1 ? "end" : "middle";
    const label = new Date(at).toISOString().slice(11, seconds ? 19 : 16);
    return `<line x1="${x}" x2="${x}" y1="${TOP - 6}" y2="${height - 6}" stroke="#6b7480" stroke-opacity="0.3"/><text x="${x}" y="14" text-anchor="${anchor}">${label}</text>`;
  });
}

/** One lane for each symptom, in the order given: bars while it was bad. Dashed lines are changes people made. */
export function cascadeSvg(
  symptoms: readonly Symptom[],
  changes: readonly { readonly at: number; readonly title: string }[],
  window: ChartWindow,
): string {
  const lanes = symptoms.slice(0, MOST_LANES);
  const rest = symptoms.length - lanes.length;
  const height = TOP + lanes.length * LANE + (rest > 0 ? LANE : 0) + 10;
  const place = placeOf(window);
  const body = axis(window, height);
  lanes.forEach((symptom, index) => {
    const y = TOP + index * LANE;
    const title = symptomTitle(symptom);
    body.push(`<text x="4" y="${y + 13}">${index + 1}. ${escapeXml(cut(title, 30))}</text>`);
    for (const span of symptom.spans) {
      if (span.from > window.to || (span.to ?? Infinity) < window.from) continue;
      const x = place(span.from);
      const width = Math.max(2, place(span.to ?? window.to) - x);
      body.push(
        `<rect x="${round(x)}" y="${y + 3}" width="${round(width)}" height="${LANE - 8}" rx="2" fill="#d55e00"${span.openedAt === null ? ' fill-opacity="0.5"' : ""}><title>${escapeXml(title)}</title></rect>`,
      );
    }
  });
  if (rest > 0) body.push(`<text x="4" y="${TOP + lanes.length * LANE + 13}">and ${rest} more</text>`);
  for (const { at, title } of changes.slice(0, 100)) {
    if (at < window.from || at > window.to) continue;
    const x = round(place(at));
    body.push(
      `<line x1="${x}" x2="${x}" y1="${TOP - 4}" y2="${height - 6}" stroke="#0072b2" stroke-width="1.5" stroke-dasharray="3 2"><title>${escapeXml(title)}</title></line>`,
    );
  }
  return frame(height, "What was bad when, in the order of the cascade", body);
}

export interface ChartLine {
  readonly name: string;
  readonly points: readonly (readonly [at: number, value: number | null])[];
}

const STROKES = [
  ["#0072b2", ""],
  ["#d55e00", "6 3"],
  ["#009e73", "2 2"],
  ["#a8508a", "8 2 2 2"],
] as const;
const PLOT = 120;

/** Up to four lines over one scale from zero; a gap stays a gap. */
export function linesSvg(title: string, lines: readonly ChartLine[], window: ChartWindow): string {
  const shown = lines.slice(0, STROKES.length);
  const height = TOP + PLOT + 14;
  const place = placeOf(window);
  let most = 0;
  for (const { points } of shown) for (const [, value] of points) most = Math.max(most, value ?? 0);
  const level = (value: number): number => TOP + PLOT - (most === 0 ? 0 : (value / most) * PLOT);
  const body = axis(window, height);
  body.push(`<text x="${LEFT - 6}" y="${TOP + 6}" text-anchor="end">${round(most)}</text>`);
  body.push(`<text x="${LEFT - 6}" y="${TOP + PLOT}" text-anchor="end">0</text>`);
  shown.forEach(({ name, points }, index) => {
    const [stroke, dash] = STROKES[index] ?? STROKES[0];
    let path = "";
    let gap = true;
    for (const [at, value] of points) {
      if (value !== null) path += `${gap ? "M" : "L"}${round(place(at))} ${round(level(value))}`;
      gap = value === null;
    }
    const dashes = dash === "" ? "" : ` stroke-dasharray="${dash}"`;
    const y = TOP + 24 + index * 16;
    body.push(`<path d="${path}" fill="none" stroke="${stroke}" stroke-width="1.5"${dashes}/>`);
    body.push(`<line x1="4" x2="24" y1="${y - 4}" y2="${y - 4}" stroke="${stroke}" stroke-width="1.5"${dashes}/>`);
    body.push(`<text x="30" y="${y}">${escapeXml(cut(name, 24))}</text>`);
  });
  return frame(height, title, body);
}

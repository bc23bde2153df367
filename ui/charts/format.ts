/** Numbers in words, the same on every screen. A missing number is a dash, never a zero. */

export const UNKNOWN = "–";

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** 1,306; 3.8; 0.25. Small numbers keep the digits that tell them apart. */
export function formatNumber(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return UNKNOWN;
  const size = Math.abs(value);
  if (size >= 10 || Number.isInteger(value)) return whole.format(Math.round(value));
  return size >= 1 ? trimZeros(value.toFixed(1)) : trimZeros(value.toFixed(2));
}

/** Thousandths as a percentage without the sign: 640 is 64, 2 is 0.2. */
export function formatPermille(permille: number | null): string {
  if (permille === null || !Number.isFinite(permille)) return UNKNOWN;
  const percent = permille / 10;
  return percent >= 10 || percent === 0 ? whole.format(Math.round(percent)) : trimZeros(percent.toFixed(1));
}

/** Milliseconds with a unit that fits: 0.4 ms, 412 ms, 1.9 s, 4 min, 2 h 05, 3 d. */
export function formatMs(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return UNKNOWN;
  if (ms < 10) return `${trimZeros(ms.toFixed(1))} ms`;
  if (ms < 1000) return `${whole.format(Math.round(ms))} ms`;
  if (ms < 10_000) return `${trimZeros((ms / 1000).toFixed(1))} s`;
  if (ms < 60_000) return `${String(Math.round(ms / 1000))} s`;
  if (ms < 3_600_000) return `${String(Math.round(ms / 60_000))} min`;
  if (ms < 172_800_000) return `${String(Math.floor(ms / 3_600_000))} h ${pad(Math.floor((ms % 3_600_000) / 60_000))}`;
  return `${String(Math.round(ms / 86_400_000))} d`;
}

/** Microseconds as `formatMs` shows them. */
export function formatUs(us: number | null): string {
  return formatMs(us === null ? null : us / 1000);
}

/** What is left, ticking: 18 s, 57:00, 1:25:22. Never negative. */
export function formatLeft(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds < 60) return `${String(seconds)} s`;
  const hours = Math.floor(seconds / 3600);
  const rest = `${hours > 0 ? pad(Math.floor((seconds % 3600) / 60)) : String(Math.floor(seconds / 60))}:${pad(seconds % 60)}`;
  return hours > 0 ? `${String(hours)}:${rest}` : rest;
}

/** 14:04:38 in the reader's zone. */
export function formatClock(at: number): string {
  const date = new Date(at);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** 14:04 in the reader's zone. */
export function formatMinute(at: number): string {
  return formatClock(at).slice(0, 5);
}

/** 15:02 to 15:09, with seconds when it is short, with days when it is not all of the day of `now`. In the reader's zone. */
export function formatSpan({ from, to }: { readonly from: number; readonly to: number }, now: number): string {
  const clock = to - from < 600_000 ? formatClock : formatMinute;
  const days = [from, to, now].map((at) => dayOf(at));
  if (days.every((day) => day === days[2])) return `${clock(from)} to ${clock(to)}`;
  return `${days[0] ?? ""} ${clock(from)} to ${days[0] === days[1] ? "" : `${days[1] ?? ""} `}${clock(to)}`;
}

/** 2026-11-15 14:04:38 UTC: what a log elsewhere says. */
export function formatUtc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** 1 instance, 4 instances. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

function dayOf(at: number): string {
  const date = new Date(at);
  return `${String(date.getFullYear())}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

function trimZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

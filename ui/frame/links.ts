/** Addresses of what is seen, without React: links that stay true tomorrow. */

export const DEFAULT_ENVIRONMENT = "production";
export const ENVIRONMENT_PARAM = "env";
/** The moment that is shown, as ISO 8601 in UTC; a link without one is live. */
export const MOMENT_PARAM = "at";
/** The stretch round which a replay goes: two moments with dots between. */
export const LOOP_PARAM = "loop";
export const SPEED_PARAM = "speed";

export function withParam(href: string, name: string, value: string): string {
  const url = new URL(href);
  url.searchParams.set(name, value);
  return url.href;
}

/**
 * The page as it is seen, for somebody else later: it names its environment and its moment. `now` is the time of the picture in ms, be it
 * live, paused or of a replay.
 */
export function absoluteLink(href: string, view: { readonly environment: string; readonly now: number }): string {
  const named = withParam(href, ENVIRONMENT_PARAM, view.environment);
  return withParam(named, MOMENT_PARAM, new Date(Math.floor(view.now / 1000) * 1000).toISOString().replace(".000", ""));
}

/** The moment an address names in ms; null when it names none. */
export function momentOf(text: string | null): number | null {
  const at = text === null ? NaN : Date.parse(text);
  return Number.isFinite(at) ? at : null;
}

/** Path and query of an address, without the moment: what a saved view keeps. */
export function viewOf(href: string): string {
  const url = new URL(href);
  for (const param of [MOMENT_PARAM, LOOP_PARAM, SPEED_PARAM]) url.searchParams.delete(param);
  return `${url.pathname}${url.search}`;
}

/** Addresses of what is seen, without React: links that stay true tomorrow. */

export const DEFAULT_ENVIRONMENT = "production";
export const ENVIRONMENT_PARAM = "env";
/** The moment a link was made for, as ISO 8601 in UTC. */
export const MOMENT_PARAM = "at";

export function withParam(href: string, name: string, value: string): string {
  const url = new URL(href);
  url.searchParams.set(name, value);
  return url.href;
}

/**
 * The page as it is now, for somebody else later: it names its environment, and its moment unless it already has one. `now` is the time
 * of the picture in ms.
 */
export function absoluteLink(href: string, view: { readonly environment: string; readonly now: number }): string {
  const named = withParam(href, ENVIRONMENT_PARAM, view.environment);
  return new URL(named).searchParams.has(MOMENT_PARAM)
    ? named
    : withParam(named, MOMENT_PARAM, new Date(Math.floor(view.now / 1000) * 1000).toISOString().replace(".000", ""));
}

/** The moment a link was made for in ms; null when it names none. */
export function momentOf(text: string | null): number | null {
  const at = text === null ? NaN : Date.parse(text);
  return Number.isFinite(at) ? at : null;
}

/** Path and query of an address, without the moment: what a saved view keeps. */
export function viewOf(href: string): string {
  const url = new URL(href);
  url.searchParams.delete(MOMENT_PARAM);
  return `${url.pathname}${url.search}`;
}

/** Named addresses of one person, kept in this browser. Pure: texts in, texts out. */

export interface SavedView {
  readonly name: string;
  /** Path and query within the console. */
  readonly href: string;
}

export const VIEWS_MOST = 50;
export const VIEW_NAME_MOST = 60;

/** Somewhere within this console, never another host. */
const isHere = (href: unknown): href is string => typeof href === "string" && /^\/(?![/\\])/.test(href) && href.length <= 2000;

/** What is stored, as far as it can be understood. */
export function parseViews(text: string | null): readonly SavedView[] {
  if (text === null) return [];
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return [];
  }
  if (!Array.isArray(found)) return [];
  return found
    .filter((entry): entry is { name: string; href: string } => {
      const { name, href } = (entry ?? {}) as Record<string, unknown>;
      return typeof name === "string" && name.trim() !== "" && isHere(href);
    })
    .map(({ name, href }) => ({ name: name.slice(0, VIEW_NAME_MOST), href }))
    .slice(0, VIEWS_MOST);
}

/** With one more, or with the one of the same name replaced. Null when there is no room. */
export function withView(views: readonly SavedView[], view: SavedView): readonly SavedView[] | null {
  const name = view.name.trim().slice(0, VIEW_NAME_MOST);
  if (name === "" || !isHere(view.href)) return null;
  const others = views.filter((other) => other.name !== name);
  return others.length >= VIEWS_MOST ? null : [...others, { name, href: view.href }];
}

export function withoutView(views: readonly SavedView[], name: string): readonly SavedView[] {
  return views.filter((view) => view.name !== name);
}

/** The pages of the console, once: the navigation, the palette and the keys read this table. */
import type { KeyAction } from "../keys/key-map.ts";

export interface PageEntry {
  readonly href: string;
  readonly label: string;
  /** Its key; the map of keys says which. */
  readonly action: KeyAction;
  /** Other words by which people look for it. */
  readonly also: readonly string[];
  /** Where it stands: among the tabs, on a phone too; among the tabs; or in the menu of the account. */
  readonly place: "always" | "wide" | "menu";
}

export const PAGES: readonly PageEntry[] = [
  { href: "/", label: "Fleet", action: "go-fleet", also: ["overview", "home", "tiles", "instances"], place: "always" },
  { href: "/services", label: "Services", action: "go-services", also: ["list"], place: "wide" },
  { href: "/map", label: "Map", action: "go-map", also: ["topology", "dependencies", "graph"], place: "wide" },
  { href: "/switchboard", label: "Switchboard", action: "go-switchboard", also: ["switches", "degrade", "flip"], place: "always" },
  {
    href: "/policies",
    label: "Policies",
    action: "go-policies",
    also: ["settings", "breakers", "timeouts", "limits", "overrides", "drift"],
    place: "wide",
  },
  {
    href: "/incidents",
    label: "Incidents",
    action: "go-incidents",
    also: ["trouble", "outage", "timeline", "post-mortem"],
    place: "always",
  },
  { href: "/events", label: "Events", action: "go-events", also: ["log", "feed", "history"], place: "always" },
  { href: "/agents", label: "Agents", action: "go-agents", also: ["tokens", "connect", "instances"], place: "wide" },
  { href: "/audit", label: "Audit", action: "go-audit", also: ["who did what", "history", "log", "compliance"], place: "menu" },
  { href: "/wall", label: "Wall", action: "go-wall", also: ["kiosk", "big screen", "tv", "rotate"], place: "menu" },
  { href: "/settings", label: "Settings", action: "go-settings", also: ["preferences"], place: "menu" },
];

/** True when the path is that page or lies beneath it. */
export function isOn(path: string, { href }: Pick<PageEntry, "href">): boolean {
  return href === "/" ? path === "/" : path === href || path.startsWith(`${href}/`);
}

/** The pages of the settings, once: their own navigation and the palette read this table. */

export interface SettingsPage {
  readonly href: string;
  readonly label: string;
  readonly also: readonly string[];
}

export const SETTINGS_PAGES: readonly SettingsPage[] = [
  { href: "/settings", label: "Appearance", also: ["theme", "density", "motion", "contrast"] },
  { href: "/settings/views", label: "Saved views", also: ["bookmarks"] },
  { href: "/settings/notifications", label: "Notifications", also: ["webhooks", "slack", "alerts", "sinks"] },
  { href: "/settings/people", label: "People and roles", also: ["users", "accounts", "invite"] },
  { href: "/settings/retention", label: "Retention", also: ["history", "disk", "storage", "tiers"] },
  { href: "/settings/health", label: "Our own health", also: ["ingest", "lag", "dropped", "database", "self"] },
];

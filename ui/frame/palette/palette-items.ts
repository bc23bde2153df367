/** Everything the palette can find, and in which order. Pure. */
import { defaultFilter } from "cmdk";
import type { SwitchAnswer } from "../../../protocol/api.ts";
import type { IncidentSummary } from "../../../protocol/incident-api.ts";
import type { InstanceState } from "../../../core/fleet.ts";
import type { PageEntry } from "../pages.ts";
import type { SavedView } from "../saved-views.ts";

export const ITEM_KINDS = [
  "Pages",
  "Actions",
  "Saved views",
  "Incidents",
  "Switches",
  "Services",
  "Resources",
  "Instances",
  "Environments",
] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

export interface PaletteItem {
  readonly id: string;
  readonly kind: ItemKind;
  readonly label: string;
  /** What tells it from others of the name. */
  readonly hint: string;
  readonly keywords: readonly string[];
  /** Strokes that do the same. */
  readonly keys?: readonly string[];
  readonly target: { readonly go: string } | { readonly act: string };
}

export interface PaletteSources {
  readonly pages: readonly PageEntry[];
  readonly actions: readonly Omit<PaletteItem, "kind" | "id">[];
  readonly views: readonly SavedView[];
  readonly switches: readonly Pick<SwitchAnswer, "key" | "title" | "whatUsersLose" | "services" | "desired">[];
  readonly incidents: readonly Pick<IncidentSummary, "id" | "number" | "title" | "status" | "services" | "cause">[];
  readonly instances: readonly InstanceState[];
  readonly environments: readonly string[];
  readonly environment: string;
  readonly keysOf: (action: string) => readonly string[];
}

const serviceHref = (service: string): string => `/services/${encodeURIComponent(service)}`;

export function paletteItems(from: PaletteSources): readonly PaletteItem[] {
  const services = [...new Set(from.instances.map((instance) => instance.service))].sort();
  const resources = new Map<string, PaletteItem>();
  for (const { service, resources: own } of from.instances)
    for (const { kind, name, retired, target } of own) {
      const id = `resource ${service} ${kind} ${name}`;
      if (retired === true || kind === "process" || resources.has(id)) continue;
      const item = { id, kind: "Resources", label: name, hint: `${kind} of ${service}`, keywords: [service, kind, target ?? ""] } as const;
      resources.set(id, { ...item, target: { go: serviceHref(service) } });
    }
  return [
    ...from.pages.map((page): PaletteItem => ({
      id: `page ${page.href}`,
      kind: "Pages",
      label: page.label,
      hint: "",
      keywords: ["go to", ...page.also],
      keys: from.keysOf(page.action),
      target: { go: page.href },
    })),
    ...from.actions.map((action): PaletteItem => ({ ...action, id: `action ${action.label}`, kind: "Actions" })),
    ...from.views.map((view): PaletteItem => ({
      id: `view ${view.name}`,
      kind: "Saved views",
      label: view.name,
      hint: view.href,
      keywords: ["view"],
      target: { go: view.href },
    })),
    ...from.incidents.map(({ id, number, title, status, services: involved, cause }): PaletteItem => ({
      id: `incident ${id}`,
      kind: "Incidents",
      label: `#${String(number)} ${title}`,
      hint: `${status}${cause === null ? "" : `, first ${cause}`}`,
      keywords: ["incident", String(number), ...involved],
      target: { go: `/incidents/${String(number)}` },
    })),
    ...from.switches.map((entry): PaletteItem => ({
      id: `switch ${entry.key}`,
      kind: "Switches",
      label: entry.title,
      hint: `now ${entry.desired}. ${entry.whatUsersLose}`,
      keywords: ["switch", "flip", "degrade", entry.key, ...entry.services],
      target: { go: `/switchboard?switch=${encodeURIComponent(entry.key)}` },
    })),
    ...services.map((service): PaletteItem => {
      const count = from.instances.filter((instance) => instance.service === service).length;
      const hint = count === 1 ? "1 instance" : `${String(count)} instances`;
      return {
        id: `service ${service}`,
        kind: "Services",
        label: service,
        hint,
        keywords: ["service"],
        target: { go: serviceHref(service) },
      };
    }),
    ...resources.values(),
    ...from.instances.map((instance): PaletteItem => ({
      id: `instance ${instance.key}`,
      kind: "Instances",
      label: instance.instance,
      hint: `instance of ${instance.service}`,
      keywords: [instance.service, "instance", instance.version ?? ""],
      target: { go: serviceHref(instance.service) },
    })),
    ...from.environments
      .filter((name) => name !== from.environment)
      .map((name): PaletteItem => ({
        id: `environment ${name}`,
        kind: "Environments",
        label: name,
        hint: "look at this environment",
        keywords: ["environment", "switch to"],
        target: { act: `environment ${name}` },
      })),
  ];
}

export interface PaletteGroup {
  readonly kind: ItemKind;
  readonly items: readonly PaletteItem[];
}

const SHOWN_MOST = 40;
/** Of each kind while nothing is looked for: a table of contents, not a list of everything. */
const SHOWN_OF_KIND: Readonly<Record<ItemKind, number>> = {
  Pages: 20,
  Actions: 20,
  "Saved views": 10,
  Incidents: 5,
  Switches: 5,
  Services: 5,
  Resources: 0,
  Instances: 0,
  Environments: 5,
};

/**
 * Best first, in groups in the order of their best. Every word that is typed must be found. Ties keep the order of the kinds, so that a
 * page comes before a resource of the same name.
 */
export function rank(items: readonly PaletteItem[], typed: string): readonly PaletteGroup[] {
  const words = typed.trim().split(/\s+/).filter(Boolean);
  if (words.length === 0)
    return ITEM_KINDS.map((kind) => ({ kind, items: items.filter((item) => item.kind === kind).slice(0, SHOWN_OF_KIND[kind]) })).filter(
      (group) => group.items.length > 0,
    );
  const found = items
    .map((item) => ({ item, score: scoreOf(item, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, SHOWN_MOST);
  const groups = new Map<ItemKind, PaletteItem[]>();
  for (const { item } of found) groups.set(item.kind, [...(groups.get(item.kind) ?? []), item]);
  return [...groups].map(([kind, members]) => ({ kind, items: members }));
}

/** Scattered letters over a long text match nearly anything; such a match is no find. */
const LEAST = 0.001;

function scoreOf(item: PaletteItem, words: readonly string[]): number {
  let score = 1;
  for (const word of words) {
    const best = Math.max(
      defaultFilter(item.label, word),
      0.6 * Math.max(0, ...item.keywords.map((keyword) => defaultFilter(keyword, word))),
    );
    if (best < LEAST) return 0;
    score *= best;
  }
  return score;
}

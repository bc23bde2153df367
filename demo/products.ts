/** What the shop sells. The catalog's database, the index of search and the visitors of the load generator know the same things. */

export const CATEGORIES = ["Tents", "Packs", "Sleep", "Kitchen", "Light", "Clothing"] as const;
export type Category = (typeof CATEGORIES)[number];

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly category: Category;
  readonly priceCents: number;
  /** 0 to 100. */
  readonly popularity: number;
  readonly blurb: string;
}

const rows: readonly (readonly [string, string, Category, number, number, string])[] = [
  ["ridgeline-2", "Ridgeline 2 tent", "Tents", 38900, 96, "Two people, three seasons, 1.4 kg."],
  ["basecamp-4", "Basecamp 4 tent", "Tents", 62900, 61, "Room to stand for a family and a dog."],
  ["drift-bivy", "Drift bivy", "Tents", 18900, 44, "A roof that fits beside your bottle."],
  ["lee-tarp", "Lee tarp 3 x 3", "Tents", 11900, 58, "Nineteen loops, endless shapes."],
  ["col-28", "Col 28 day pack", "Packs", 9900, 88, "A back that breathes, a lid that floats."],
  ["traverse-55", "Traverse 55", "Packs", 22900, 73, "Carries a week, forgives a bad packer."],
  ["skerry-dry", "Skerry dry bag 20", "Packs", 3400, 66, "Welded seams, two clips, no drama."],
  ["ledger-hip", "Ledger hip pack", "Packs", 4900, 39, "Map, knife, chocolate."],
  ["hollow-down", "Hollow down bag -4", "Sleep", 27900, 82, "800 fill, warm to minus four."],
  ["moss-mat", "Moss mat R 4.2", "Sleep", 14900, 79, "Quiet, thick, and no bigger than a bottle."],
  ["lull-pillow", "Lull pillow", "Sleep", 2900, 52, "Eighty grams between you and a stone."],
  ["hearth-quilt", "Hearth quilt", "Sleep", 19900, 47, "For those who turn all night."],
  ["ember-stove", "Ember gas stove", "Kitchen", 6900, 91, "Boils half a litre in two minutes."],
  ["tarn-pot", "Tarn pot 900 ml", "Kitchen", 4500, 70, "Titanium, with marks you can read."],
  ["brook-filter", "Brook water filter", "Kitchen", 3900, 85, "Drink from where you stand."],
  ["cairn-mug", "Cairn mug", "Kitchen", 1900, 77, "Enamel, chips with dignity."],
  ["beacon-400", "Beacon 400 head torch", "Light", 5900, 93, "Four hundred lumens, one big button."],
  ["glow-lantern", "Glow lantern", "Light", 3500, 63, "Warm light for late cards."],
  ["wick-charger", "Wick solar charger", "Light", 7900, 35, "Ten watts on a good day."],
  ["spark-kit", "Spark fire kit", "Light", 1500, 49, "Works wet, works gloved."],
  ["squall-shell", "Squall shell", "Clothing", 24900, 87, "Three layers against the sideways kind."],
  ["fleck-wool", "Fleck wool base layer", "Clothing", 8900, 81, "Merino that survives Thursdays."],
  ["scree-pants", "Scree trousers", "Clothing", 11900, 57, "Stretch where you bend, tough where you sit."],
  ["thaw-gloves", "Thaw gloves", "Clothing", 4900, 42, "Warm, and still tie a knot."],
];

export const PRODUCTS: readonly Product[] = rows.map(([id, name, category, priceCents, popularity, blurb]) => ({
  id,
  name,
  category,
  priceCents,
  popularity,
  blurb,
}));

/** Free text as visitors type it. */
export const SEARCH_TERMS = ["tent", "warm", "wool", "stove", "light", "bag", "water", "pack", "down", "gloves"] as const;

export function isCategory(text: string): text is Category {
  return (CATEGORIES as readonly string[]).includes(text);
}

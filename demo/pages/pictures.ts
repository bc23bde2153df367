/** Product pictures: drawn in full by the image service, or as a placeholder of two colours by whoever has nothing better. */
import type { Category, Product } from "../products.ts";
import { hashText } from "../random.ts";
import { escape } from "./escape.ts";

/** One bold shape for each category, in a field of 320 by 240. */
const SHAPES: Readonly<Record<Category, string>> = {
  Tents: '<path d="M160 62 70 188h180z"/><path d="M160 100l-26 88h52z" fill="var(--dark)"/>',
  Packs:
    '<rect x="112" y="66" width="96" height="126" rx="30"/><rect x="126" y="128" width="68" height="46" rx="12" fill="var(--dark)"/><path d="M136 66c0-28 48-28 48 0" fill="none" stroke="var(--light)" stroke-width="9"/>',
  Sleep: '<rect x="62" y="112" width="196" height="66" rx="33"/><circle cx="98" cy="145" r="22" fill="var(--dark)"/>',
  Kitchen:
    '<path d="M100 96h120v66a28 28 0 0 1-28 28h-64a28 28 0 0 1-28-28z"/><rect x="88" y="82" width="144" height="16" rx="8" fill="var(--dark)"/><path d="M142 66q10-14 0-26M176 66q10-14 0-26" stroke="var(--light)" stroke-width="6" fill="none"/>',
  Light:
    '<circle cx="160" cy="118" r="44"/><rect x="140" y="164" width="40" height="26" rx="6" fill="var(--dark)"/><path d="M160 44v18M90 118H72M248 118h-18M110 68l12 12M210 68l-12 12" stroke="var(--light)" stroke-width="8" stroke-linecap="round"/>',
  Clothing:
    '<path d="M124 62 78 92l18 36 18-10v74h92v-74l18 10 18-36-46-30c-8 18-64 18-72 0z"/><path d="M160 78v114" stroke="var(--dark)" stroke-width="6"/>',
};

function colours(product: Product): { hue: number; light: string; dark: string } {
  const hue = hashText(product.id) % 360;
  return { hue, light: `hsl(${hue} 60% 92%)`, dark: `hsl(${hue} 38% 30%)` };
}

export function drawProduct(product: Product): string {
  const { hue, light, dark } = colours(product);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 240" role="img" style="--light:${light};--dark:${dark}">`,
    `<title>${escape(product.name)}</title>`,
    `<defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="hsl(${hue} 48% 78%)"/><stop offset="1" stop-color="hsl(${(hue + 40) % 360} 62% 90%)"/></linearGradient></defs>`,
    '<rect width="320" height="240" fill="url(#sky)"/>',
    `<circle cx="${60 + (hue % 200)}" cy="62" r="26" fill="hsl(${(hue + 60) % 360} 80% 94%)"/>`,
    `<path d="M0 190l60-62 46 44 58-76 62 70 34-30 60 54v50H0z" fill="hsl(${hue} 30% 62%)"/>`,
    `<path d="M0 212l80-34 70 26 84-38 86 40v34H0z" fill="hsl(${hue} 30% 48%)"/>`,
    `<g fill="hsl(${hue} 62% 96%)">${SHAPES[product.category]}</g></svg>`,
  ].join("");
}

/** A few hundred bytes: two blurred colours and no shape. */
export function drawPlaceholder(product: Product): string {
  const { hue, light } = colours(product);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 240"><defs><radialGradient id="b"><stop offset="0" stop-color="${light}"/><stop offset="1" stop-color="hsl(${hue} 18% 72%)"/></radialGradient></defs><rect width="320" height="240" fill="url(#b)"/></svg>`;
}

export function placeholderUrl(product: Product): string {
  return `data:image/svg+xml,${encodeURIComponent(drawPlaceholder(product))}`;
}

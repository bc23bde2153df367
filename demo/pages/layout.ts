/** The frame of every page: head, search box, categories, banners, footer. */
import { CATEGORIES } from "../products.ts";
import { escape } from "./escape.ts";
import { STYLES } from "./styles.ts";

export interface Banner {
  /** For tests and styles: what is degraded. */
  readonly name: "stale" | "search" | "payments" | "images" | "shop";
  readonly text: string;
}

export interface PageFrame {
  readonly title: string;
  readonly banners: readonly Banner[];
  readonly servedBy: string;
  readonly cartCount: number;
  /** False: no search box, the categories take its place. */
  readonly searchable: boolean;
  readonly category?: string;
  readonly query?: string;
}

/** `body` is HTML; everything else is text. */
export function page(frame: PageFrame, body: string): string {
  const categories = CATEGORIES.map((category) => {
    const current = category === frame.category ? ' aria-current="page"' : "";
    return `<a href="/c/${category}"${current}>${category}</a>`;
  }).join("");
  const banners = frame.banners
    .map(
      ({ name, text }) =>
        `<p class="banner${name === "stale" || name === "payments" ? "" : " info"}" role="status" data-banner="${name}">${escape(text)}</p>`,
    )
    .join("");
  const box = frame.searchable
    ? `<form class="search" action="/search" role="search"><input type="search" name="q" aria-label="Search the shop" placeholder="Tents, stoves, wool..." maxlength="100" value="${escape(frame.query ?? "")}"><button>Search</button></form>`
    : '<span class="search muted" data-search="browse">Search is resting: browse by category</span>';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(frame.title)} - Larkfield</title><link rel="icon" href="data:,"><style>${STYLES}</style></head>
<body><header><div class="wrap"><a class="brand" href="/">Larkfield</a>
${box}
<a href="/cart">Cart (${frame.cartCount})</a></div></header>
<main class="wrap"><nav class="categories" aria-label="Categories">${categories}</nav>${banners}
${body}
<footer>Larkfield sells nothing: it is the demo shop of Holdfast. Page by ${escape(frame.servedBy)}.</footer></main></body></html>`;
}

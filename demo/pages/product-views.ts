/** Products on a page: cards, the grid, the block of recommendations, the page of one product. */
import type { Product } from "../products.ts";
import type { ListedProduct } from "../services/contracts.ts";
import { escape } from "./escape.ts";
import { placeholderUrl } from "./pictures.ts";

export type Quality = "full" | "placeholder";

export interface Recommended {
  readonly source: "personal" | "popular";
  readonly products: readonly ListedProduct[];
}

export function euros(cents: number): string {
  return `€ ${(cents / 100).toFixed(2)}`;
}

function picture(product: Product, quality: Quality): string {
  const src = quality === "full" ? `/pictures/${encodeURIComponent(product.id)}` : placeholderUrl(product);
  return `<img src="${escape(src)}" alt="" loading="lazy" data-quality="${quality}">`;
}

function stock(product: ListedProduct): string {
  if (product.stock === null) return "Stock on request";
  return product.stock < 8 ? `Only ${product.stock} left` : "In stock";
}

function buyForm(product: Product, action: "/cart" | "/checkout", label: string): string {
  const quiet = action === "/cart" ? ' class="quiet"' : "";
  return `<form method="post" action="${action}"><input type="hidden" name="item" value="${escape(product.id)}"><button${quiet}>${label}</button></form>`;
}

function card(product: ListedProduct, quality: Quality): string {
  const link = `/products/${encodeURIComponent(product.id)}`;
  return `<article class="card"><a href="${escape(link)}" tabindex="-1" aria-hidden="true">${picture(product, quality)}</a><div class="text"><a href="${escape(link)}">${escape(product.name)}</a><span class="muted">${escape(product.blurb)}</span><span><span class="price">${euros(product.priceCents)}</span> <span class="muted">${stock(product)}</span></span>${buyForm(product, "/cart", "Add to cart")}</div></article>`;
}

export function grid(products: readonly ListedProduct[], quality: Quality): string {
  return `<div class="grid">${products.map((product) => card(product, quality)).join("")}</div>`;
}

export function recommendationBlock({ source, products }: Recommended, quality: Quality): string {
  const heading = source === "personal" ? "Picked for you" : "Popular right now";
  return `<section class="picks" aria-label="Recommendations" data-source="${source}"><h2>${heading}</h2>${grid(products, quality)}</section>`;
}

export function productHero(product: ListedProduct, quality: Quality): string {
  return `<div class="hero">${picture(product, quality)}<div><h1>${escape(product.name)}</h1><p class="lead">${escape(product.blurb)}</p><p class="price">${euros(product.priceCents)}</p><p class="muted">${stock(product)}</p><div class="row">${buyForm(product, "/checkout", "Buy now")}${buyForm(product, "/cart", "Add to cart")}</div></div></div>`;
}

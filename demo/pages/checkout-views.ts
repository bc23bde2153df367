/** The cart and what became of an order. */
import type { Product } from "../products.ts";
import type { OrderAnswer, OrderStatus } from "../services/contracts.ts";
import { escape } from "./escape.ts";
import { euros } from "./product-views.ts";

export function cartView(items: readonly Product[]): string {
  if (items.length === 0)
    return '<h1>Your cart is empty</h1><p class="lead">Something warm, perhaps?</p><a class="button" href="/">To the shop</a>';
  const rows = items.map((item) => `<tr><td>${escape(item.name)}</td><td>${euros(item.priceCents)}</td></tr>`).join("");
  const total = items.reduce((sum, item) => sum + item.priceCents, 0);
  const hidden = items.map((item) => `<input type="hidden" name="item" value="${escape(item.id)}">`).join("");
  return `<h1>Your cart</h1><table><thead><tr><th>Item</th><th>Price</th></tr></thead><tbody>${rows}<tr><td><strong>Total</strong></td><td><strong>${euros(total)}</strong></td></tr></tbody></table><form method="post" action="/checkout">${hidden}<button>Check out</button></form>`;
}

const TITLES: Readonly<Record<OrderStatus, string>> = {
  paid: "Thank you, your order is paid",
  declined: "Your card was declined",
  "payment-pending": "Payment is temporarily unavailable",
};

const WORDS: Readonly<Record<OrderStatus, string>> = {
  paid: "It leaves the warehouse tomorrow.",
  declined: "Nothing was charged. Try another card.",
  "payment-pending":
    "Your order is saved and will be paid as soon as payments are back. You need not order again; try again here to see how it stands.",
};

export const PAYMENTS_BANNER = "Payment is temporarily unavailable, try again later. Your order is kept and will be paid by itself.";

export function orderTitle(order: OrderAnswer): string {
  return TITLES[order.status];
}

export function orderView(order: OrderAnswer): string {
  const again =
    order.status === "payment-pending"
      ? `<a class="button" href="/orders/${encodeURIComponent(order.id)}">Try again</a>`
      : '<a class="button" href="/">Back to the shop</a>';
  return `<section data-order="${escape(order.id)}" data-status="${order.status}"><h1>${TITLES[order.status]}</h1><p class="lead">${WORDS[order.status]}</p><p>Order <code>${escape(order.id)}</code>, ${order.items.length} ${order.items.length === 1 ? "item" : "items"}, ${euros(order.totalCents)}.</p>${again}</section>`;
}

export function messageView(title: string, text: string): string {
  return `<h1>${escape(title)}</h1><p class="lead">${escape(text)}</p><a class="button" href="/">To the shop</a>`;
}

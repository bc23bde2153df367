/** What a visitor's cookies say: who they are to the recommendations, and what is in the cart. */
import type { IncomingMessage } from "node:http";
import { PRODUCTS } from "../products.ts";
import type { ShopRequest } from "../kit/router.ts";

const CART_LIMIT = 20;
export const GUEST = "guest";

export interface Visitor {
  /** `guest` for a newcomer. */
  readonly id: string;
  /** Ids of products that exist. */
  readonly cart: readonly string[];
}

export function visitorOf({ headers }: Pick<ShopRequest, "headers">): Visitor {
  const cookies = new Map(
    String(headers["cookie"] ?? "")
      .split(";")
      .map((pair): [string, string] => {
        const at = pair.indexOf("=");
        return [pair.slice(0, Math.max(0, at)).trim(), pair.slice(at + 1).trim()];
      }),
  );
  const id = cookies.get("visitor") ?? GUEST;
  const cart = (cookies.get("cart") ?? "").split(".").filter((item) => PRODUCTS.some((product) => product.id === item));
  return { id: /^[a-z0-9-]{1,40}$/.test(id) ? id : GUEST, cart: cart.slice(0, CART_LIMIT) };
}

/** Who asks, as the limit for each client counts: the visitor, for guests the address. */
export function clientOf(request: IncomingMessage): string {
  const { id } = visitorOf(request);
  return id === GUEST ? (request.socket.remoteAddress ?? GUEST) : id;
}

/** Makes a newcomer known, so that picks can be personal. */
export function visitorCookie(id: string): string {
  return `visitor=${id}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000`;
}

export function cartCookie(items: readonly string[]): string {
  return `cart=${items.slice(0, CART_LIMIT).join(".")}; Path=/; HttpOnly; SameSite=Lax; Max-Age=86400`;
}

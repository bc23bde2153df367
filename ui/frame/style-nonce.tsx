"use client";
import { useInsertionEffect } from "react";

/**
 * Hands the nonce of this page to libraries that add a style of their own while they run: the lock on scrolling behind a sheet or a menu
 * asks for it under this name (get-nonce). Browsers hide a nonce from selectors and attributes, so it is read off our own script.
 */
export function StyleNonce() {
  useInsertionEffect(() => shareNonce(document, globalThis), []);
  return null;
}

export function shareNonce(page: Pick<Document, "querySelector">, scope: object): void {
  const nonce = page.querySelector<HTMLScriptElement>("script[nonce]")?.nonce;
  if (nonce !== undefined && nonce !== "") Object.assign(scope, { __webpack_nonce__: nonce });
}

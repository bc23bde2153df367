/** Where the console is, from what the host wrote. */
import { AGENT_PATH } from "../../../protocol/version.ts";

export type ConsoleUrl = { readonly ok: true; readonly url: string } | { readonly ok: false; readonly problem: string };

const SCHEMES: Readonly<Record<string, string>> = { "http:": "ws:", "https:": "wss:", "ws:": "ws:", "wss:": "wss:" };

/** The endpoint as ws: or wss:. Refuses what would show the token to the network: plain text to anything but loopback. */
export function consoleUrl(text: string): ConsoleUrl {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return { ok: false, problem: "the console's url is not a URL" };
  }
  const scheme = SCHEMES[url.protocol];
  if (scheme === undefined) return { ok: false, problem: "the console's url must start with http, https, ws or wss" };
  if (url.username !== "" || url.password !== "") return { ok: false, problem: "the console's url must not carry a user name or password" };
  if (scheme === "ws:" && !isLoopback(url.hostname)) {
    return { ok: false, problem: `the token is not sent unencrypted to ${url.hostname}: use https or wss` };
  }
  const path = url.pathname === "/" || url.pathname === "" ? AGENT_PATH : url.pathname;
  return { ok: true, url: `${scheme}//${url.host}${path}${url.search}` };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}

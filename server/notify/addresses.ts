/** Which addresses are nobody's business from here: loopback, private, link-local (the clouds' metadata among them), reserved. */
import { BlockList, isIP, isIPv6 } from "node:net";

/** IANA special-purpose registry, IPv4. */
const V4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];
/** Inside of 2000::/3: what carries IPv4 addresses, or is for documentation and tests. All outside of it is refused. */
const V6: readonly (readonly [string, number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

const refused = new BlockList();
for (const [net, prefix] of V4) refused.addSubnet(net, prefix, "ipv4");
for (const [net, prefix] of V6) refused.addSubnet(net, prefix, "ipv6");
const global = new BlockList();
global.addSubnet("2000::", 3, "ipv6");

/** An address as it is compared: without brackets and zone; an IPv4 address inside of IPv6 as itself. Null for what is none. */
export function plainAddress(text: string): string | null {
  const bare = text.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  if (isIP(bare) === 0) return null;
  if (!isIPv6(bare)) return bare;
  // The URL parser writes every form of an address in one way.
  const canonical = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical) ?? [];
  if (high === undefined || low === undefined) return canonical;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join(".");
}

/** True for a plain address of the public internet. */
export function isPublic(address: string): boolean {
  return isIPv6(address) ? global.check(address, "ipv6") && !refused.check(address, "ipv6") : !refused.check(address, "ipv4");
}

/**
 * Where notifications may go: only what HOLDFAST_NOTIFY_HOSTS names, and nowhere while it names nothing. A host that is named may resolve to
 * addresses of the public internet; a private, loopback or link-local one must be named itself, alone or in a block. So nobody who controls a
 * name can point it at our own network.
 */
import { BlockList, isIPv6 } from "node:net";
import { isPublic, plainAddress } from "./addresses.ts";

interface Entry {
  readonly text: string;
  /** Plain text, without http: only https. */
  readonly http: boolean;
  /** `example.com`, `.example.com` for all beneath, or a plain address. */
  readonly host: string;
  /** Null: the scheme's own. */
  readonly port: number | null;
}

export interface AllowedHosts {
  /** As they were given. */
  readonly names: readonly string[];
  /** Why nothing may be sent to this place; null when it may. */
  refusal(url: URL): string | null;
  /** May a connection go to this address? */
  allowsAddress(address: string): boolean;
}

const HOST = /^(?:\*\.)?[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
const unbracketed = (host: string): string => host.replace(/^\[|\]$/g, "").replace(/\.$/, "");

/** @returns the entry, or a block of addresses, or null when it is neither */
function parseEntry(text: string): Entry | { readonly block: readonly [string, number] } | null {
  const [, net, prefix] = /^([0-9a-f.:]+)\/(\d{1,3})$/i.exec(text) ?? [];
  if (net !== undefined && prefix !== undefined) {
    const address = plainAddress(net);
    return address !== null && Number(prefix) <= (isIPv6(address) ? 128 : 32) ? { block: [address, Number(prefix)] } : null;
  }
  const [, scheme, place, port] = /^(https?:\/\/)?(\[[0-9a-f:.]+\]|[^:/\s]+)(?::(\d{1,5}))?$/i.exec(text) ?? [];
  if (place === undefined || Number(port ?? 1) > 65_535 || Number(port ?? 1) < 1) return null;
  const address = plainAddress(place);
  const name = address ?? place.toLowerCase();
  if (address === null && !HOST.test(name)) return null;
  return {
    text,
    http: scheme?.toLowerCase() === "http://",
    host: name.replace(/^\*/, ""),
    port: port === undefined ? null : Number(port),
  };
}

/** Entries that are none, to be told to the operator. */
export function wrongEntries(entries: readonly string[]): readonly string[] {
  return entries.filter((text) => parseEntry(text) === null);
}

export function allowedHosts(names: readonly string[]): AllowedHosts {
  const entries: Entry[] = [];
  const named = new BlockList();
  for (const text of names) {
    const parsed = parseEntry(text);
    if (parsed === null) continue;
    if ("block" in parsed) named.addSubnet(...parsed.block, isIPv6(parsed.block[0]) ? "ipv6" : "ipv4");
    else {
      entries.push(parsed);
      const address = plainAddress(parsed.host);
      if (address !== null) named.addAddress(address, isIPv6(address) ? "ipv6" : "ipv4");
    }
  }
  const isNamed = (address: string): boolean => named.check(address, isIPv6(address) ? "ipv6" : "ipv4");

  function refusal(url: URL): string | null {
    const host = unbracketed(url.hostname);
    const address = plainAddress(host);
    const fits = ({ host: own }: Entry): boolean =>
      address === null ? own === host || (own.startsWith(".") && host.endsWith(own)) : plainAddress(own) === address;
    const found = entries.filter(fits);
    const block = address !== null && isNamed(address);
    if (found.length === 0 && !block) return `${host} is not one of the hosts that HOLDFAST_NOTIFY_HOSTS names`;
    const http = url.protocol === "http:";
    const port = url.port === "" ? null : Number(url.port);
    const here = found.filter((entry) => entry.port === port);
    if (here.length === 0 && !(block && found.length === 0 && port === null))
      return `HOLDFAST_NOTIFY_HOSTS does not name port ${String(port ?? (http ? 80 : 443))} of ${host}; add ${url.host}`;
    if (http && !here.some((entry) => entry.http))
      return `it would be sent in the clear; use https, or add http://${url.host} to HOLDFAST_NOTIFY_HOSTS`;
    return null;
  }

  return {
    names,
    refusal,
    allowsAddress: (text) => {
      const address = plainAddress(text);
      return address !== null && (isPublic(address) || isNamed(address));
    },
  };
}

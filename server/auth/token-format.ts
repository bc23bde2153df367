/**
 * The text of tokens: a readable prefix, 43 base62 digits from 32 random bytes, 6 base62 digits of CRC-32 over what comes before.
 * The checksum refuses typos and random scans without a look into the database; it is no security.
 */
import { createHash } from "node:crypto";
import { crc32 } from "./crc32.ts";

/** hfa_: agents. hfp_: scripts. hfs_: the set-up link. */
export type TokenPrefix = "hfa_" | "hfp_" | "hfs_";

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BODY = 43;
const CHECK = 6;
const SHOWN = 8;

function base62(value: bigint, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest /= 62n) text = (DIGITS[Number(rest % 62n)] ?? "") + text;
  return text;
}

/** @param random 32 random bytes */
export function mintToken(prefix: TokenPrefix, random: Uint8Array): string {
  const start = prefix + base62(BigInt(`0x${Buffer.from(random).toString("hex")}`), BODY);
  return start + base62(BigInt(crc32(start)), CHECK);
}

/** The kind of a well-formed token; null for anything else. */
export function tokenPrefix(text: string): TokenPrefix | null {
  const prefix = text.slice(0, 4);
  if (prefix !== "hfa_" && prefix !== "hfp_" && prefix !== "hfs_") return null;
  if (text.length !== prefix.length + BODY + CHECK || !/^[0-9A-Za-z]+$/.test(text.slice(4))) return null;
  const start = text.slice(0, -CHECK);
  return base62(BigInt(crc32(start)), CHECK) === text.slice(-CHECK) ? prefix : null;
}

/** The readable start, safe to show: `hfa_Xy12Ab34`. */
export function shownPart(token: string): string {
  return token.slice(0, 4 + SHOWN);
}

/** What is stored. The token has 256 random bits, so a fast hash is enough. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

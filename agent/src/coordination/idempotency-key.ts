/** The Idempotency-Key header: a structured-field String (RFC 9651), or the bare text that many clients send. */

const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"((?:\s*;\s*[a-z*][\w\-.*]*(?:=(?:"[^"]*"|[^\s;",]+))?)*)$/;
const BARE = /^[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+$/;
const MAX_LENGTH = 255;

/** The key; undefined for text that is none. `"a"` and `a` are the same key. */
export function idempotencyKey(header: string): string | undefined {
  const text = header.trim();
  const quoted = text.length > 4 * MAX_LENGTH ? null : QUOTED.exec(text);
  const key = quoted === null ? (BARE.test(text) ? text : undefined) : quoted[1]?.replace(/\\(["\\])/g, "$1");
  return key === undefined || key === "" || key.length > MAX_LENGTH ? undefined : key;
}

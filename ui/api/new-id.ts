/** 32 hexadecimal digits nobody can guess. Not `randomUUID`: browsers have that only behind https, and a console may be reached without. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** CRC-32 (IEEE), four bytes a step: a page is checked whole before a single column of it is believed. */
const TABLES = new Int32Array(4 * 256);

for (let n = 0; n < 256; n++) {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  TABLES[n] = c;
}
for (let n = 0; n < 256; n++) {
  let c = TABLES[n] as number;
  for (let table = 1; table < 4; table++) {
    c = (c >>> 8) ^ (TABLES[c & 255] as number);
    TABLES[table * 256 + n] = c;
  }
}

/** Checksum of the first `end` bytes, unsigned. */
export function crc32(bytes: Uint8Array, end: number): number {
  let crc = -1;
  let at = 0;
  for (const whole = end - (end & 3); at < whole; at += 4) {
    crc ^= (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
    crc =
      (TABLES[768 + (crc & 255)] as number) ^
      (TABLES[512 + ((crc >>> 8) & 255)] as number) ^
      (TABLES[256 + ((crc >>> 16) & 255)] as number) ^
      (TABLES[crc >>> 24] as number);
  }
  for (; at < end; at++) crc = (TABLES[(crc ^ (bytes[at] as number)) & 255] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}

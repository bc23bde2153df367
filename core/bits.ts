/** Bit streams and checksums for the page codec. No Node: plain Uint8Array. */

/** Appends bits, lowest first. Grows as needed. */
export class BitWriter {
  #bytes = new Uint8Array(256);
  #at = 0;
  #acc = 0;
  #filled = 0;

  /** Writes the low `bits` bits of a value; 0 to 24 bits at a time. */
  write(value: number, bits: number): void {
    this.#acc |= value << this.#filled;
    this.#filled += bits;
    while (this.#filled >= 8) {
      this.#push(this.#acc & 255);
      this.#acc >>>= 8;
      this.#filled -= 8;
    }
  }

  /** Writes a non-negative safe integer in `bits` bits, up to 53. */
  writeLong(value: number, bits: number): void {
    let rest = value;
    for (let left = bits; left > 0; left -= 24) {
      const part = Math.min(24, left);
      this.write(rest % 16_777_216 & (2 ** part - 1), part);
      rest = Math.floor(rest / 16_777_216);
    }
  }

  /** `count` ones and a zero. */
  unary(count: number): void {
    let left = count;
    while (left >= 16) {
      this.write(0xffff, 16);
      left -= 16;
    }
    this.write((1 << left) - 1, left + 1);
  }

  /** A whole number, seven bits a byte, after filling up the current byte. */
  varint(value: number): void {
    this.align();
    let rest = value;
    while (rest > 127) {
      this.#push((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.#push(rest);
  }

  bytes(bytes: Uint8Array): void {
    this.align();
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  align(): void {
    if (this.#filled === 0) return;
    this.#push(this.#acc & 255);
    this.#acc = 0;
    this.#filled = 0;
  }

  /** A copy of what was written, to the next whole byte. */
  finish(): Uint8Array {
    this.align();
    return this.#bytes.slice(0, this.#at);
  }

  reset(): void {
    this.#at = 0;
    this.#acc = 0;
    this.#filled = 0;
  }

  #push(byte: number): void {
    if (this.#at === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.#at++] = byte;
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + more));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** Thrown when the stream ends before what it promised. */
export class BitsEnded extends Error {
  override readonly name = "BitsEnded";
}

/** Reads what BitWriter wrote, never past the end. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;
  readonly #end: number;
  #acc = 0;
  #filled = 0;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  get position(): number {
    return this.#at;
  }

  read(bits: number): number {
    if (bits === 0) return 0;
    while (this.#filled < bits) {
      this.#acc |= this.#byte() << this.#filled;
      this.#filled += 8;
    }
    const value = this.#acc & ((1 << bits) - 1);
    this.#acc >>>= bits;
    this.#filled -= bits;
    return value;
  }

  readLong(bits: number): number {
    let value = 0;
    let scale = 1;
    for (let left = bits; left > 0; left -= 24) {
      value += this.read(Math.min(24, left)) * scale;
      scale *= 16_777_216;
    }
    return value;
  }

  unary(limit: number): number {
    let count = 0;
    while (this.read(1) === 1) if (++count > limit) throw new BitsEnded("a run of ones is too long");
    return count;
  }

  varint(): number {
    this.align();
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 8; i++) {
      const byte = this.#byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    throw new BitsEnded("a number is too long");
  }

  align(): void {
    this.#acc = 0;
    this.#filled = 0;
  }

  skip(bytes: number): void {
    this.align();
    this.#at += bytes;
    if (this.#at > this.#end) throw new BitsEnded("the page ends early");
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new BitsEnded("the page ends early");
    return this.#bytes[this.#at++] as number;
  }
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

/** CRC-32 (IEEE) of a stretch of bytes, unsigned. */
export function crc32(bytes: Uint8Array, end = bytes.length): number {
  let crc = -1;
  for (let i = 0; i < end; i++) crc = (CRC_TABLE[(crc ^ (bytes[i] as number)) & 255] as number) ^ (crc >>> 8);
  return (crc ^ -1) >>> 0;
}

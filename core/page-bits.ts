/**
 * Bits and bytes of a page, lowest bit first. The fields are open because the inner loops of the codings keep them in locals: a
 * method call for each value would cost more than the value.
 */

/** The page is damaged, or of a version this code does not know. Nothing of it is to be trusted. */
export class PageError extends Error {
  override readonly name = "PageError";
}

/** A growing output. Bits are put between `align` calls; bytes and varints only when aligned. */
export class BitSink {
  bytes = new Uint8Array(4096);
  at = 0;
  #acc = 0;
  #filled = 0;

  reset(): void {
    this.at = 0;
    this.#acc = 0;
    this.#filled = 0;
  }

  /** Makes room for so many more bytes. */
  reserve(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.at + more));
    grown.set(this.bytes.subarray(0, this.at));
    this.bytes = grown;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.at++] = value;
  }

  /** A safe integer, seven bits a byte. */
  varint(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest > 127) {
      this.bytes[this.at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.at++] = rest;
  }

  /** The low `bits` bits of a value: at most 24. */
  put(value: number, bits: number): void {
    this.reserve(4);
    this.#acc |= value << this.#filled;
    this.#filled += bits;
    while (this.#filled >= 8) {
      this.bytes[this.at++] = this.#acc;
      this.#acc >>>= 8;
      this.#filled -= 8;
    }
  }

  /** A non-negative safe integer in up to 53 bits. */
  putLong(value: number, bits: number): void {
    let rest = value;
    for (let left = bits; left > 0; left -= 24) {
      this.put(rest % 16_777_216, Math.min(24, left));
      rest = Math.floor(rest / 16_777_216);
    }
  }

  /** A number from 1 in about two bits for each of its own. */
  putGamma(value: number): void {
    const bits = 31 - Math.clz32(value);
    this.put((1 << bits) - 1, bits + 1);
    if (bits > 0) this.put(value & ((1 << bits) - 1), bits);
  }

  align(): void {
    if (this.#filled === 0) return;
    this.byte(this.#acc);
    this.#acc = 0;
    this.#filled = 0;
  }
}

/** Reads what BitSink wrote. Reading past `end` gives zeros or strangers; `check` then throws. */
export class BitSource {
  readonly bytes: Uint8Array;
  /** The same bytes, for words of them. */
  readonly view: DataView;
  at: number;
  readonly end: number;
  #acc = 0;
  #filled = 0;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.end = end;
  }

  /** @throws PageError when more was read than there is. */
  check(): void {
    if (this.at > this.end) throw new PageError("the page ends early");
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined || this.at > this.end) throw new PageError("the page ends early");
    return byte;
  }

  varint(): number {
    const first = this.byte();
    if (first < 128) return first;
    let value = first & 127;
    for (let scale = 128; scale <= 562_949_953_421_312; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw new PageError("a number is too long");
  }

  /** At most 24 bits. */
  get(bits: number): number {
    while (this.#filled < bits) {
      this.#acc |= (this.bytes[this.at++] ?? 0) << this.#filled;
      this.#filled += 8;
    }
    const value = this.#acc & ((1 << bits) - 1);
    this.#acc >>>= bits;
    this.#filled -= bits;
    return value;
  }

  getLong(bits: number): number {
    let value = 0;
    let scale = 1;
    for (let left = bits; left > 0; left -= 24) {
      value += this.get(Math.min(24, left)) * scale;
      scale *= 16_777_216;
    }
    return value;
  }

  getGamma(): number {
    let bits = 0;
    while (this.get(1) === 1) if (++bits > 22) throw new PageError("a run is too long");
    return (1 << bits) | (bits > 0 ? this.get(bits) : 0);
  }

  align(): void {
    this.#acc = 0;
    this.#filled = 0;
  }
}

/** Which pages are unpacked, within so many bytes: the one read longest ago is packed again first. */
import type { RecordedPage } from "./recorded-page.ts";

export class UnpackedPages {
  /** The one read last at the end, with the bytes it takes. */
  readonly #pages = new Map<RecordedPage, number>();
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** For a page that was just read. */
  read(page: RecordedPage): void {
    const before = this.#pages.get(page) ?? 0;
    const now = page.decodedBytes;
    this.#pages.delete(page);
    this.#pages.set(page, now);
    this.#bytes += now - before;
    for (const [oldest, bytes] of this.#pages) {
      if (this.#bytes <= this.#mostBytes || oldest === page) return;
      this.#bytes -= bytes;
      oldest.release();
      this.#pages.delete(oldest);
    }
  }
}

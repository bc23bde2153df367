/** The headers of one request or answer, whatever library holds them. Names are lower case. */
export interface HeaderReader {
  get(name: string): HeaderValue;
}

/** Node gives a list for some repeated headers; Fetch gives null for none. */
export type HeaderValue = string | readonly string[] | null | undefined;

export interface HeaderCarrier extends HeaderReader {
  /** Null takes the header away. */
  set(name: string, value: string | null): void;
}

/** Longer ones are hostile or broken, and are not read. Node's own limit for all headers together is 16 kB. */
const MAX_CHARS = 16_384;

/** The value as one text; empty for none. */
export function headerText(value: HeaderValue): string {
  const text = typeof value === "string" ? value : Array.isArray(value) ? value.join(",") : "";
  return text.length > MAX_CHARS ? "" : text;
}

/** Headers as node:http holds them: names in lower case. */
export function nodeHeaders(headers: Record<string, string | readonly string[] | undefined>): HeaderCarrier {
  return {
    get: (name) => headers[name],
    set: (name, value) => {
      if (value === null) Reflect.deleteProperty(headers, name);
      else headers[name] = value;
    },
  };
}

/** Headers of the Fetch standard. Some frameworks seal those of a request: then they stay as they are. */
export function webHeaders(headers: WebHeaders): HeaderCarrier {
  return {
    get: (name) => headers.get(name),
    set: (name, value) => {
      try {
        if (value === null) headers.delete(name);
        else headers.set(name, value);
      } catch {
        // Sealed.
      }
    },
  };
}

export interface WebHeaders {
  get(name: string): string | null;
  set(name: string, value: string): void;
  delete(name: string): void;
}

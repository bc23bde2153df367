/** A visitor and a director's hand, over HTTP as anybody would. */
import { until } from "./until.ts";

export interface ShopAddress {
  readonly shopUrl: string;
  readonly directorUrl: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export class ShopVisitor {
  readonly #shop: ShopAddress;

  constructor(shop: ShopAddress) {
    this.#shop = shop;
  }

  async get(path: string): Promise<Answer> {
    return answer(await fetch(`${this.#shop.shopUrl}${path}`, { headers: { connection: "close" }, redirect: "manual" }));
  }

  /** As `get`; while the shop is too crowded to serve the page, asks again, as people do. */
  page(path: string): Promise<Answer> {
    return until(`${path} is served`, async () => {
      const answered = await this.get(path);
      return answered.status !== 503 && answered;
    });
  }

  async json(path: string): Promise<Record<string, unknown>> {
    return JSON.parse((await this.get(path)).text) as Record<string, unknown>;
  }

  async post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return answer(
      await fetch(`${this.#shop.shopUrl}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", connection: "close", ...headers },
        body: JSON.stringify(body),
      }),
    );
  }

  /** As the button on a page does; the answer is the page it leads to. */
  async submit(path: string, fields: Record<string, string>): Promise<Answer> {
    return answer(await fetch(`${this.#shop.shopUrl}${path}`, { method: "POST", body: new URLSearchParams(fields) }));
  }

  async fail(name: string, seconds = 120): Promise<void> {
    const done = await this.direct("POST", `/failures/${name}`, { seconds });
    if (done.status !== 200) throw new Error(`the director answers ${done.status}: ${done.text}`);
  }

  async recover(name: string): Promise<void> {
    await this.direct("DELETE", `/failures/${name}`);
  }

  /** Process ids of the services, by instance. */
  async pids(): Promise<Record<string, number>> {
    return JSON.parse((await this.direct("GET", "/processes")).text) as Record<string, number>;
  }

  async direct(method: string, path: string, body?: unknown): Promise<Answer> {
    return answer(
      await fetch(`${this.#shop.directorUrl}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }),
    );
  }
}

async function answer(response: Response): Promise<Answer> {
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** True while a process of this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

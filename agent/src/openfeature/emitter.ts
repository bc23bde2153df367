/** Events of a provider, in the shape the SDK listens to. */

/** Details are the SDK's to type: any handler of it is taken, and what is given back can be called by it. */
export type EventHandler = (details?: never) => unknown;
type Called = (details?: Record<string, unknown>) => unknown;

/** Calls handlers in the order they were added. What one throws does not reach the others, nor us. */
export class ProviderEmitter {
  readonly #handlers = new Map<string, Called[]>();

  emit(event: string, details: Record<string, unknown> = {}): void {
    for (const handler of this.getHandlers(event)) {
      try {
        void Promise.resolve(handler(details)).catch(() => undefined);
      } catch {
        // Of the host: its SDK reports what its handlers throw.
      }
    }
  }

  addHandler(event: string, handler: EventHandler): void {
    this.#handlers.set(event, [...this.getHandlers(event), handler as Called]);
  }

  removeHandler(event: string, handler: EventHandler): void {
    this.#handlers.set(
      event,
      this.getHandlers(event).filter((other) => other !== handler),
    );
  }

  removeAllHandlers(event?: string): void {
    if (event === undefined) this.#handlers.clear();
    else this.#handlers.delete(event);
  }

  getHandlers(event: string): Called[] {
    return this.#handlers.get(event) ?? [];
  }

  setLogger(_logger: unknown): this {
    return this;
  }
}

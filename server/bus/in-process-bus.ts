import type { Log } from "../log.ts";
import type { Bus, BusMessage } from "./bus.ts";

/**
 * The bus of a single process. Delivery is synchronous and in order of publishing: a message published by a subscriber is delivered
 * after the one being delivered, to everyone.
 */
export function createInProcessBus(log: Pick<Log, "error">): Bus {
  const listeners = new Set<(message: BusMessage) => void>();
  const queue: BusMessage[] = [];
  let delivering = false;
  let closed = false;

  function deliver(message: BusMessage): void {
    for (const listener of [...listeners]) {
      if (!listeners.has(listener)) continue;
      try {
        listener(message);
      } catch (error) {
        log.error({ err: error, message: message.type }, "a subscriber of the bus failed");
      }
    }
  }

  return {
    publish(message) {
      if (closed) return;
      queue.push(message);
      if (delivering) return;
      delivering = true;
      try {
        for (let next = queue.shift(); next; next = queue.shift()) deliver(next);
      } finally {
        delivering = false;
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      closed = true;
      queue.length = 0;
      listeners.clear();
      return Promise.resolve();
    },
  };
}

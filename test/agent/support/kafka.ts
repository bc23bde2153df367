/** kafkajs' own consumer and producer around their real instrumentation, so that a test can let happen what needs a broker. */
import { createRequire } from "node:module";
import type { Consumer, Producer } from "kafkajs";

const require = createRequire(import.meta.url);

interface Emitter {
  emit(event: string, payload?: object): void;
  readonly emitter: { eventNames(): unknown[] };
}

type Make<T> = (options: object) => T;

const InstrumentationEmitter = require("kafkajs/src/instrumentation/emitter.js") as new () => Emitter;
const logger = { namespace: () => logger, debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

export function kafkaConsumer(): { readonly consumer: Consumer; readonly emitter: Emitter } {
  const emitter = new InstrumentationEmitter();
  const make = require("kafkajs/src/consumer/index.js") as Make<Consumer>;
  return { emitter, consumer: make({ cluster: {}, groupId: "orders", logger, instrumentationEmitter: emitter }) };
}

export function kafkaProducer(): { readonly producer: Producer; readonly emitter: Emitter } {
  const emitter = new InstrumentationEmitter();
  const make = require("kafkajs/src/producer/index.js") as Make<Producer>;
  return { emitter, producer: make({ cluster: { retry: {} }, logger, instrumentationEmitter: emitter }) };
}

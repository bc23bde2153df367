/** kafkajs: it has no getters, so everything comes from its instrumentation events. */
import { indexesOf } from "../telemetry/columns.ts";
import { field, hasFunctions, type Adapter, type AdapterContext } from "./adapter.ts";

const COLUMN = indexesOf("consumer");
/** Partitions whose lag is kept; those beyond are left out of the sum. */
const MAX_PARTITIONS = 1_000;

interface Batch {
  readonly topic: string;
  readonly partition: number;
  readonly batchSize: number;
  /** A number in text: it can be larger than a number holds. */
  readonly offsetLag: string;
  readonly duration: number;
}

interface Request {
  readonly apiName: string;
  readonly duration: number;
}

type Payload = Partial<Batch> & Partial<Request>;

interface Kafka {
  readonly events: Readonly<Record<string, string>>;
  /** The answer unsubscribes. */
  on(event: string, listener: (event: { readonly payload: Payload }) => void): () => void;
}

/** What happens on the events, by their keys. */
type Listeners = Readonly<Record<string, (payload: Payload) => void>>;

function subscribe(kafka: Kafka, { guard }: AdapterContext, listeners: Listeners): () => void {
  const ends: (() => void)[] = [];
  for (const [key, listener] of Object.entries(listeners)) {
    const event = kafka.events[key];
    // kafkajs builds an event only when somebody listens, and hands the same one to all.
    if (event !== undefined)
      ends.push(
        kafka.on(
          event,
          guard.wrap((told: { readonly payload: Payload }) => listener(told.payload)),
        ),
      );
  }
  return () => ends.forEach((end) => end());
}

function isKafka(thing: object, event: string): thing is Kafka {
  const events = field(thing, "events");
  return (
    hasFunctions(thing, "on", "connect", "disconnect") &&
    typeof events === "object" &&
    events !== null &&
    typeof field(events, event) === "string"
  );
}

export const kafkaConsumer: Adapter<Kafka> = {
  kind: "consumer",
  source: "kafkajs",
  counts: [COLUMN.batches, COLUMN.messages, COLUMN.errors, COLUMN.rebalances],

  recognises: (thing): thing is Kafka => isKafka(thing, "END_BATCH_PROCESS"),

  settings: () => ({}),

  attach: (consumer, context) => {
    const { sink } = context;
    const lags = new Map<string, number>();
    let running = 0;
    const stopped = (): void => {
      running = 0;
      lags.clear();
    };
    const release = subscribe(consumer, context, {
      GROUP_JOIN: () => {
        // Partitions may be others' now.
        lags.clear();
        running = 1;
      },
      END_BATCH_PROCESS: ({ topic = "", partition = 0, batchSize = 0, offsetLag, duration = NaN }) => {
        const key = `${topic}/${partition}`;
        if (lags.has(key) || lags.size < MAX_PARTITIONS) lags.set(key, Number(offsetLag));
        sink.count(COLUMN.batches);
        sink.count(COLUMN.messages, batchSize);
        sink.outcome(true, duration);
      },
      REBALANCING: () => sink.count(COLUMN.rebalances),
      REQUEST_TIMEOUT: () => sink.count(COLUMN.errors),
      CRASH: () => {
        stopped();
        sink.count(COLUMN.errors);
      },
      STOP: stopped,
      DISCONNECT: stopped,
    });
    return {
      release,
      read: (_thing, cells) => {
        cells[COLUMN.running] = running;
        if (lags.size === 0) return;
        let lag = 0;
        for (const one of lags.values()) lag += one;
        cells[COLUMN.lag] = lag;
      },
    };
  },
};

/** `batches` are produce requests; latency is theirs. */
export const kafkaProducer: Adapter<Kafka> = {
  kind: "consumer",
  source: "kafkajs",
  counts: [COLUMN.batches, COLUMN.errors],

  recognises: (thing): thing is Kafka => isKafka(thing, "REQUEST") && hasFunctions(thing, "send", "sendBatch"),

  settings: () => ({}),

  attach: (producer, context) => {
    const { sink } = context;
    let connected = 0;
    const release = subscribe(producer, context, {
      CONNECT: () => {
        connected = 1;
      },
      DISCONNECT: () => {
        connected = 0;
      },
      REQUEST: ({ apiName, duration = NaN }) => {
        if (apiName !== "Produce") return;
        sink.count(COLUMN.batches);
        sink.outcome(true, duration);
      },
      REQUEST_TIMEOUT: () => sink.count(COLUMN.errors),
    });
    return {
      release,
      read: (_thing, cells) => {
        cells[COLUMN.running] = connected;
      },
    };
  },
};

/** What the console sees of the sagas of one name in this process. */
import type { Reading } from "../../../protocol/kinds.ts";
import type { SagaRecord, SagaStatus } from "./saga-journal.ts";
import type { World } from "./world.ts";

/** Sagas followed at once; more are not seen. */
const MAX_SEEN = 1_000;

export class SagaGauge {
  started = 0;
  #completed = 0;
  #compensated = 0;
  readonly #open = new Map<string, { readonly status: SagaStatus; readonly createdAt: number }>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** It runs here, or is stuck. */
  saw({ id, status, createdAt }: SagaRecord): void {
    if (this.#open.size < MAX_SEEN || this.#open.has(id)) this.#open.set(id, { status, createdAt });
  }

  ended(record: SagaRecord): void {
    if (record.status === "completed") this.#completed++;
    if (record.status === "compensated") this.#compensated++;
    if (record.status === "stuck") this.saw(record);
    else this.#open.delete(record.id);
  }

  /** All that are stuck, whoever parked them. */
  stuck(records: readonly SagaRecord[]): void {
    for (const [id, { status }] of this.#open) if (status === "stuck") this.#open.delete(id);
    for (const record of records) this.saw(record);
  }

  /** Another process has it. */
  gone({ id }: SagaRecord): void {
    this.#open.delete(id);
  }

  read(): Reading<"saga"> {
    const counts = { running: 0, compensating: 0, stuck: 0 };
    let oldest = Infinity;
    for (const { status, createdAt } of this.#open.values()) {
      if (status in counts) counts[status as keyof typeof counts]++;
      oldest = Math.min(oldest, createdAt);
    }
    const oldestMs = oldest === Infinity ? 0 : Math.max(0, this.#world.wallNow() - oldest);
    return { started: this.started, completed: this.#completed, compensated: this.#compensated, ...counts, oldestMs };
  }
}

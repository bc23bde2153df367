/** An instance whose tile has something to show: traffic that drifts, a breaker that opens now and then, a pool that fills, load that is shed. */
import { columnsOf, type Kind } from "../../protocol/kinds.ts";
import { seededRandom } from "./workload.ts";

export const SERVICE_RESOURCES = (
  [
    { kind: "server", name: "http" },
    { kind: "breaker", name: "payments", target: "payments" },
    { kind: "breaker", name: "stock", target: "stock" },
    { kind: "pool", name: "db", target: "postgres" },
    { kind: "queue", name: "mail" },
    { kind: "shedder", name: "shedder" },
    { kind: "process", name: "process" },
  ] as const satisfies readonly { kind: Kind; name: string; target?: string }[]
).map((resource, id) => ({ id, ...resource }));

/** Rows as on the wire (value + 1, 0 for unknown), one a call. The row is reused. */
export function busyService(seed: number): () => Float64Array {
  const random = seededRandom(seed * 7919 + 17);
  const sizes = SERVICE_RESOURCES.map(({ kind }) => columnsOf(kind).length);
  const row = new Float64Array(sizes.reduce((sum, size) => sum + size, 0)).fill(1);
  let rate = 20 + random() * 200;
  let openFor = 0;
  const add = (slot: number, by: number): void => void (row[slot] = (row[slot] ?? 1) + Math.round(by));
  const set = (slot: number, value: number): void => void (row[slot] = Math.round(value) + 1);
  const [server = 0, payments = 0, stock = 0, db = 0, mail = 0, shedder = 0, process = 0] = sizes.map((_, i) =>
    sizes.slice(0, i).reduce((sum, size) => sum + size, 0),
  );
  return () => {
    rate = Math.max(5, rate * (0.9 + random() * 0.2));
    openFor = openFor > 0 ? openFor - 1 : random() < 0.000_2 ? 30 : 0;
    const failing = openFor > 0 ? rate * 0.2 : rate * 0.002 * random() * 4;
    add(server, rate);
    add(server + 1, failing);
    set(server + 2, rate / 20);
    set(server + 3, 4_000 + random() * 500);
    set(server + 4, 40_000 + random() * 20_000);
    for (const breaker of [payments, stock]) {
      set(breaker, breaker === payments && openFor > 0 ? 2 : 0);
      add(breaker + 1, rate / 2);
      add(breaker + 2, failing / 2);
      set(breaker + 7, openFor > 0 ? 600 : random() * 40);
      set(breaker + 8, 3_000 + random() * 500);
      set(breaker + 9, 30_000 + random() * 20_000);
    }
    const inUse = Math.min(20, rate / 15);
    set(db, inUse);
    set(db + 1, 20 - inUse);
    set(db + 3, 20);
    add(db + 4, rate);
    set(mail, random() * 40);
    set(mail + 2, 5);
    set(mail + 3, 500);
    add(shedder, rate);
    add(shedder + 1, openFor > 0 ? rate / 10 : 0);
    set(shedder + 6, 200);
    set(process, random() * 400);
    return row;
  };
}

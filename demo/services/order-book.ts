/** The orders of all instances: rows of the shared database, read and written over the connections of a pool. */
import type { SqlClient } from "@holdfast/agent/coordination";
import type { Database } from "../kit/database.ts";
import type { OrderAnswer, OrderStatus } from "./contracts.ts";

export const ORDER_TABLE = `create table if not exists shop_order (
  id text primary key,
  status text not null,
  items text not null,
  total_cents integer not null,
  taken_at integer not null
)`;

const KEPT_MS = 60 * 60_000;

export class OrderBook {
  readonly #pool: Database;
  readonly #sql: SqlClient;

  constructor(pool: Database, sql: SqlClient) {
    this.#pool = pool;
    this.#sql = sql;
  }

  /** Writes an order down; one that is there already stays as it is. */
  async keep({ id, status, items, totalCents }: OrderAnswer): Promise<void> {
    const row = [id, status, JSON.stringify(items), totalCents, Date.now()];
    await this.#pool.query(() => this.#sql.query("insert or ignore into shop_order values (?, ?, ?, ?, ?)", row));
  }

  async find(id: string): Promise<OrderAnswer | null> {
    const [row] = await this.#pool.query(() => this.#sql.query("select * from shop_order where id = ?", [id]));
    if (row === undefined) return null;
    return {
      id,
      status: row["status"] as OrderStatus,
      items: JSON.parse(String(row["items"])) as string[],
      totalCents: Number(row["total_cents"]),
    };
  }

  /** Notes what became of a payment that waited. */
  async settle(id: string, status: OrderStatus): Promise<void> {
    await this.#pool.query(() => this.#sql.query("update shop_order set status = ? where id = ?", [status, id]));
  }

  /** Ids of orders that have waited for their payment for so long, oldest first. */
  async pendingFor(ms: number, limit: number): Promise<readonly string[]> {
    const text = "select id from shop_order where status = 'payment-pending' and taken_at < ? order by taken_at limit ?";
    const rows = await this.#pool.query(() => this.#sql.query(text, [Date.now() - ms, limit]));
    return rows.map((row) => String(row["id"]));
  }

  /** Forgets orders of long ago. */
  async trim(): Promise<void> {
    await this.#pool.query(() => this.#sql.query("delete from shop_order where taken_at < ?", [Date.now() - KEPT_MS]));
  }
}

/** The few things these stores need of a SQL database, the same for PostgreSQL, SQLite and MySQL. */

/**
 * Anything that runs one statement and answers its rows (none for a statement without any). Three lines over most drivers:
 * - pg: `{ query: async (sql, params) => (await pool.query(sql, [...params])).rows }`
 * - Prisma: `{ query: (sql, params) => prisma.$queryRawUnsafe(sql, ...params) }`
 * - mysql2: `{ query: async (sql, params) => { const [rows] = await pool.query(sql, [...params]); return Array.isArray(rows) ? rows : []; } }`
 */
export interface SqlClient {
  query(sql: string, params: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
}

export type Dialect = "postgresql" | "sqlite" | "mysql";

export interface SqlOptions {
  readonly dialect: Dialect;
  /** Name of the table, with its schema if need be. Each store says its own default. */
  readonly table?: string | undefined;
}

/** Values by name: `@id` in a statement. */
export type Binding = Readonly<Record<string, string | number | null>>;
export type Row = Readonly<Record<string, unknown>>;

/** Milliseconds since the epoch by the database's clock, so that the clocks of the instances do not matter. */
const NOW: Record<Dialect, string> = {
  postgresql: "(extract(epoch from clock_timestamp()) * 1000)::bigint",
  sqlite: "cast((julianday('now') - 2440587.5) * 86400000 as integer)",
  mysql: "(timestampdiff(microsecond, '1970-01-01', utc_timestamp(3)) div 1000)",
};

interface Claim {
  /** Column that is unique, and values of all columns of a new row as expressions. */
  readonly key: string;
  readonly insert: Readonly<Record<string, string>>;
  /** What becomes of a row that is there, and only `when` this holds. Columns of that row are `t.column`. */
  readonly update: string;
  readonly when: string;
  readonly answer: string;
  /** MySQL answers no rows, so there a vacant row is inserted first, one that `when` lets through, and the row is known by `mine` after. */
  readonly vacant: Readonly<Record<string, string>>;
  readonly mine: string;
}

export class Sql {
  readonly table: string;
  readonly dialect: Dialect;
  readonly #client: SqlClient;

  /** @throws TypeError for a table name that is none: names cannot be bound, so nothing else gets through. */
  constructor(client: SqlClient, table: string, dialect: Dialect) {
    if (!/^[a-z_]\w*(\.[a-z_]\w*)?$/i.test(table)) throw new TypeError(`holdfast: not a table name: ${table}`);
    this.#client = client;
    this.table = table;
    this.dialect = dialect;
  }

  /** Runs a statement with `@name` bound, `{now}` the database's time and `{t}` the table. */
  async run(text: string, binding: Binding = {}): Promise<readonly Row[]> {
    const params: unknown[] = [];
    const sql = text
      .replaceAll("{t}", this.table)
      .replaceAll("{now}", NOW[this.dialect])
      .replace(/@(\w+)/g, (_, name: string) => {
        params.push(binding[name]);
        return this.dialect === "postgresql" ? `$${params.length}` : "?";
      });
    const rows: unknown = await this.#client.query(sql, params);
    return Array.isArray(rows) ? (rows as readonly Row[]) : [];
  }

  /** An UPDATE or DELETE; true when it met a row. `after` finds the row as it is then, for MySQL, which answers no rows. */
  async change(text: string, binding: Binding, after: string): Promise<boolean> {
    if (this.dialect !== "mysql") return (await this.run(`${text} returning 1 as one`, binding)).length > 0;
    await this.run(text, binding);
    return (await this.run(`select 1 as one from {t} where ${after}`, binding)).length > 0;
  }

  /** Inserts a row, or changes the one that is there if it may: one atomic statement where there is one. The row, null if refused. */
  async claim(claim: Claim, binding: Binding): Promise<Row | null> {
    const { key, insert, update, when, answer } = claim;
    if (this.dialect !== "mysql") {
      const text = `insert into {t} as t ${values(insert)} on conflict (${key}) do update set ${update} where ${when} returning ${answer}`;
      return (await this.run(text, binding))[0] ?? null;
    }
    await this.run(`insert ignore into {t} ${values({ ...insert, ...claim.vacant })}`, binding);
    await this.run(`update {t} as t set ${update} where t.${key} = @${key} and (${when})`, binding);
    return (await this.run(`select ${answer} from {t} where ${key} = @${key} and ${claim.mine}`, binding))[0] ?? null;
  }
}

function values(columns: Readonly<Record<string, string>>): string {
  return `(${Object.keys(columns).join(", ")}) values (${Object.values(columns).join(", ")})`;
}

/** Drivers answer big integers as text, number or bigint. */
export function numberOf(value: unknown): number {
  return Number(value ?? 0);
}

/** Sagas in a table. Times are the database's. */
import { rests, unparked, type SagaJournal, type SagaOwner, type SagaRecord } from "./saga-journal.ts";
import { numberOf, Sql, type Dialect, type Row, type SqlClient, type SqlOptions } from "./sql.ts";

/** The table of the sagas, and the index by which unfinished ones are found. Statements to run one by one. */
export function sagaTable(dialect: Dialect, table = "holdfast_saga"): readonly string[] {
  const mysql = dialect === "mysql";
  const index = `${table.replace(".", "_")}_open`;
  return [
    `create table if not exists ${table} (
  id varchar(128) not null primary key,
  name varchar(64) not null,
  status varchar(16) not null,
  owner varchar(64) not null,
  locked_until bigint not null,
  created_at bigint not null,
  state ${mysql ? "mediumtext" : "text"} not null${mysql ? `,\n  index ${index} (name, status, locked_until)` : ""}
)`,
    ...(mysql ? [] : [`create index if not exists ${index} on ${table} (name, status, locked_until)`]),
  ];
}

export interface SqlJournal extends SagaJournal {
  /** Deletes sagas that ended, completed or compensated, and began longer ago than this. */
  purge(olderThanMs: number): Promise<void>;
}

/** Default table `holdfast_saga` (see `sagaTable`). */
export function sqlJournal(client: SqlClient, options: SqlOptions): SqlJournal {
  const sql = new Sql(client, options.table ?? "holdfast_saga", options.dialect);
  const owned = "id = @id and owner = @owner";
  const read = (row: Row): SagaRecord => {
    const state = JSON.parse(String(row["state"])) as Omit<SagaRecord, "id" | "name" | "status" | "createdAt">;
    const { id, name, status } = row as { id: string; name: string; status: SagaRecord["status"] };
    return { id, name, status, createdAt: numberOf(row["created_at"]), ...state };
  };
  const write = ({ id, name, status, createdAt, ...state }: SagaRecord) => ({ id, name, status, createdAt, state: JSON.stringify(state) });
  const columns = "id, name, status, created_at, state";
  const load = async (id: string): Promise<SagaRecord | null> => {
    const [row] = await sql.run(`select ${columns} from {t} where id = @id`, { id });
    return row === undefined ? null : read(row);
  };
  return {
    load,
    create: async (record, owner) => {
      const row = await sql.claim(
        {
          key: "id",
          insert: {
            id: "@id",
            name: "@name",
            status: "@status",
            owner: "@owner",
            locked_until: "{now} + @lockMs",
            created_at: "@createdAt",
            state: "@state",
          },
          update: "owner = @owner",
          when: "1 = 0",
          answer: "owner",
          vacant: {},
          mine: "owner = @owner",
        },
        { ...write(record), ...owner },
      );
      return row !== null;
    },
    save: (record, { owner, lockMs }) => {
      const rest = rests(record.status);
      const binding = { ...write(record), owner, lockMs: rest ? 0 : lockMs, next: rest ? "" : owner };
      const text = `update {t} set status = @status, state = @state, owner = @next, locked_until = {now} + @lockMs where ${owned}`;
      return sql.change(text, binding, "id = @id and owner = @next and state = @state");
    },
    renew: (id, owner) => sql.change(`update {t} set locked_until = {now} + @lockMs where ${owned}`, { id, ...owner }, owned),
    claim: async (name, owner, limit) => {
      const free = "status in ('running', 'compensating') and locked_until <= {now}";
      const rows = await sql.run(`select id from {t} where name = @name and ${free} order by created_at limit ${Math.trunc(limit)}`, {
        name,
      });
      const taken: SagaRecord[] = [];
      for (const row of rows) {
        const id = String(row["id"]);
        const text = `update {t} set owner = @owner, locked_until = {now} + @lockMs where id = @id and ${free}`;
        if (!(await sql.change(text, { id, ...owner }, owned))) continue;
        const record = await load(id);
        if (record !== null) taken.push(record);
      }
      return taken;
    },
    unpark: async (id, owner: SagaOwner) => {
      const record = await load(id);
      if (record?.status !== "stuck") return null;
      const next = unparked(record);
      const text =
        "update {t} set status = @status, state = @state, owner = @owner, locked_until = {now} + @lockMs where id = @id and status = 'stuck'";
      return (await sql.change(text, { ...write(next), ...owner }, owned)) ? next : null;
    },
    stuck: async (name, limit) => {
      const text = `select ${columns} from {t} where name = @name and status = 'stuck' order by created_at limit ${Math.trunc(limit)}`;
      return (await sql.run(text, { name })).map(read);
    },
    purge: async (olderThanMs) => {
      await sql.run("delete from {t} where status in ('completed', 'compensated') and created_at <= {now} - @olderThanMs", { olderThanMs });
    },
  };
}

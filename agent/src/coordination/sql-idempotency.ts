/** Outcomes in a table. Times are the database's. */
import type { IdempotencyStore } from "./idempotency-store.ts";
import { numberOf, Sql, type Dialect, type SqlClient, type SqlOptions } from "./sql.ts";
import { systemWorld, type World } from "./world.ts";

const SWEEP_EVERY_MS = 10 * 60_000;

/** The table of the outcomes. */
export function idempotencyTable(dialect: Dialect, table = "holdfast_idempotency"): string {
  return `create table if not exists ${table} (
  id char(64) not null primary key,
  fingerprint char(64) not null,
  holder varchar(64) not null,
  locked_until bigint not null,
  expires_at bigint not null,
  outcome ${dialect === "mysql" ? "mediumtext" : "text"}
)`;
}

/** Default table `holdfast_idempotency` (see `idempotencyTable`). What expired is deleted every ten minutes of use. */
export function sqlIdempotency(client: SqlClient, options: SqlOptions & { readonly world?: World | undefined }): IdempotencyStore {
  const sql = new Sql(client, options.table ?? "holdfast_idempotency", options.dialect);
  const { world = systemWorld } = options;
  const held = "id = @id and holder = @holder and outcome is null";
  let swept = world.monoNow();

  const sweep = (): void => {
    if (world.monoNow() - swept < SWEEP_EVERY_MS) return;
    swept = world.monoNow();
    sql.run("delete from {t} where expires_at <= {now}").catch(() => undefined);
  };

  return {
    begin: async (attempt) => {
      sweep();
      for (let tries = 0; tries < 5; tries++) {
        const claimed = await sql.claim(
          {
            key: "id",
            insert: {
              id: "@id",
              fingerprint: "@fingerprint",
              holder: "@holder",
              locked_until: "{now} + @lockMs",
              expires_at: "{now} + @keepMs",
              outcome: "null",
            },
            update: `fingerprint = @fingerprint, holder = @holder, locked_until = {now} + @lockMs, expires_at = {now} + @keepMs, outcome = null`,
            when: "t.expires_at <= {now} or (t.outcome is null and t.locked_until <= {now} and t.fingerprint = @fingerprint)",
            answer: "holder",
            vacant: { holder: "''", locked_until: "0", expires_at: "0" },
            mine: "holder = @holder",
          },
          { ...attempt },
        );
        if (claimed !== null) return { state: "mine" };
        const [row] = await sql.run("select fingerprint, outcome, expires_at - {now} as ms from {t} where id = @id", { id: attempt.id });
        // Deleted in between: its first run failed and freed the key.
        if (row === undefined) continue;
        const fingerprint = String(row["fingerprint"]);
        const { outcome } = row;
        if (typeof outcome !== "string") return { state: "running", fingerprint };
        return { state: "done", fingerprint, outcome, expiresInMs: Math.max(0, numberOf(row["ms"])) };
      }
      return { state: "running", fingerprint: attempt.fingerprint };
    },
    renew: (attempt) => sql.change(`update {t} set locked_until = {now} + @lockMs where ${held}`, { ...attempt }, held),
    finish: (attempt, outcome) =>
      sql.change(
        `update {t} set outcome = @outcome, expires_at = {now} + @keepMs where ${held}`,
        { ...attempt, outcome },
        "id = @id and holder = @holder and outcome is not null",
      ),
    forget: async (attempt) => {
      await sql.change(`delete from {t} where ${held}`, { ...attempt }, "id = @id");
    },
  };
}

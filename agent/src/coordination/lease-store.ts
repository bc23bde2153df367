/** Leases: who may act, until when, and with which fencing token. One interface over SQL and Redis; locks and leaders stand on it. */
import { evaluate, type RedisClient } from "./redis.ts";
import { numberOf, Sql, type SqlClient, type SqlOptions } from "./sql.ts";

export interface Grant {
  /** Grows with every grant of the name and never comes back, so that what is protected can refuse an older holder. */
  readonly token: number;
  /** The holder before did not release it: it ran out. */
  readonly takeover: boolean;
}

export interface LeaseRequest {
  readonly name: string;
  /** Unique to one attempt to hold it. */
  readonly holder: string;
  readonly ttlMs: number;
}

/** Every call is one atomic step by the store's clock; it rejects when the store cannot be reached. */
export interface LeaseStore {
  /** Null while another holds it. A holder that asks again gets a new token. */
  acquire(request: LeaseRequest): Promise<Grant | null>;
  /** False when it ran out or is another's. */
  renew(request: LeaseRequest & { readonly token: number }): Promise<boolean>;
  release(request: Omit<LeaseRequest, "ttlMs"> & { readonly token: number }): Promise<void>;
}

/** The table of the leases. Keep its rows: they carry the tokens. */
export function leaseTable(table = "holdfast_lease"): string {
  return `create table if not exists ${table} (
  name varchar(128) not null primary key,
  holder varchar(64) not null,
  previous varchar(64) not null,
  token bigint not null,
  expires_at bigint not null
)`;
}

/** Leases in a table (see `leaseTable`; default name `holdfast_lease`). Times are the database's. */
export function sqlLeases(client: SqlClient, options: SqlOptions): LeaseStore {
  const sql = new Sql(client, options.table ?? "holdfast_lease", options.dialect);
  const held = "name = @name and holder = @holder and token = @token and expires_at > {now}";
  return {
    acquire: async (request) => {
      const row = await sql.claim(
        {
          key: "name",
          insert: { name: "@name", holder: "@holder", previous: "''", token: "1", expires_at: "{now} + @ttlMs" },
          update: "previous = t.holder, holder = @holder, token = t.token + 1, expires_at = {now} + @ttlMs",
          when: "t.expires_at <= {now} or t.holder = @holder",
          answer: "token, previous",
          vacant: { holder: "''", token: "0", expires_at: "0" },
          mine: "holder = @holder",
        },
        { ...request },
      );
      return row === null
        ? null
        : { token: numberOf(row["token"]), takeover: row["previous"] !== "" && row["previous"] !== request.holder };
    },
    renew: (request) => sql.change(`update {t} set expires_at = {now} + @ttlMs where ${held}`, { ...request }, held),
    release: async (request) => {
      await sql.change(
        "update {t} set holder = '', expires_at = 0 where name = @name and holder = @holder and token = @token",
        { ...request },
        "name = @name",
      );
    },
  };
}

const ACQUIRE = `local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return false end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local before = redis.call('HGET', KEYS[2], 'holder')
redis.call('HSET', KEYS[2], 'holder', ARGV[1])
return { redis.call('HINCRBY', KEYS[2], 'token', 1), (before and before ~= '' and before ~= ARGV[1]) and 1 or 0 }`;
const MINE = "if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('HGET', KEYS[2], 'token') ~= ARGV[2] then return 0 end\n";
const RENEW = `${MINE}return redis.call('PEXPIRE', KEYS[1], ARGV[3])`;
const RELEASE = `${MINE}redis.call('HSET', KEYS[2], 'holder', '')
return redis.call('DEL', KEYS[1])`;

/**
 * Leases in Redis. Tokens live in `prefix{name}:token`, which never expires: with a Redis that loses acknowledged writes (a fail-over,
 * no persistence) two holders may get the same token. Where that matters, keep leases in SQL.
 */
export function redisLeases(client: RedisClient, { prefix = "holdfast:lease:" }: { readonly prefix?: string } = {}): LeaseStore {
  const keys = (name: string) => [`${prefix}{${name}}`, `${prefix}{${name}}:token`];
  return {
    acquire: async ({ name, holder, ttlMs }) => {
      const answer = await evaluate(client, ACQUIRE, { keys: keys(name), args: [holder, ttlMs] });
      return Array.isArray(answer) ? { token: Number(answer[0]), takeover: Number(answer[1]) === 1 } : null;
    },
    renew: async ({ name, holder, token, ttlMs }) =>
      Number(await evaluate(client, RENEW, { keys: keys(name), args: [holder, token, ttlMs] })) === 1,
    release: async ({ name, holder, token }) => {
      await evaluate(client, RELEASE, { keys: keys(name), args: [holder, token] });
    },
  };
}

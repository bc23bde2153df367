/** Outcomes in Redis: one hash a key, which Redis itself forgets when it expires. */
import type { Attempt, IdempotencyStore } from "./idempotency-store.ts";
import { evaluate, REDIS_NOW, type RedisClient } from "./redis.ts";

/** Fields: f fingerprint, h holder, l locked until, o outcome. */
const BEGIN = `${REDIS_NOW}local f, l, o = unpack(redis.call('HMGET', KEYS[1], 'f', 'l', 'o'))
if f and (o or tonumber(l) > now or f ~= ARGV[1]) then return { f, o or '', redis.call('PTTL', KEYS[1]) } end
redis.call('HSET', KEYS[1], 'f', ARGV[1], 'h', ARGV[2], 'l', string.format('%.0f', now + ARGV[3]))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return {}`;
const MINE = "if redis.call('HGET', KEYS[1], 'h') ~= ARGV[1] or redis.call('HEXISTS', KEYS[1], 'o') == 1 then return 0 end\n";
const RENEW = `${REDIS_NOW}${MINE}redis.call('HSET', KEYS[1], 'l', string.format('%.0f', now + ARGV[2]))
return 1`;
const FINISH = `${MINE}redis.call('HSET', KEYS[1], 'o', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`;
const FORGET = `${MINE}return redis.call('DEL', KEYS[1])`;

/** Redis that loses acknowledged writes (a fail-over, no persistence) forgets keys, and a retry then runs again. */
export function redisIdempotency(client: RedisClient, options: { readonly prefix?: string | undefined } = {}): IdempotencyStore {
  const { prefix = "holdfast:idempotency:" } = options;
  const run = (script: string, attempt: Attempt, args: readonly (string | number)[]) =>
    evaluate(client, script, { keys: [prefix + attempt.id], args });
  return {
    begin: async (attempt) => {
      const answer = await run(BEGIN, attempt, [attempt.fingerprint, attempt.holder, attempt.lockMs, attempt.keepMs]);
      if (!Array.isArray(answer) || answer.length === 0) return { state: "mine" };
      const [fingerprint, outcome] = answer.map(String);
      if (fingerprint === undefined || outcome === undefined || outcome === "") return { state: "running", fingerprint: fingerprint ?? "" };
      return { state: "done", fingerprint, outcome, expiresInMs: Math.max(0, Number(answer[2])) };
    },
    renew: async (attempt) => Number(await run(RENEW, attempt, [attempt.holder, attempt.lockMs])) === 1,
    finish: async (attempt, outcome) => Number(await run(FINISH, attempt, [attempt.holder, outcome, attempt.keepMs])) === 1,
    forget: async (attempt) => {
      await run(FORGET, attempt, [attempt.holder]);
    },
  };
}

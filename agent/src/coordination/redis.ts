/** Redis by shape: ioredis and node-redis (4 and later), without importing either. */

/** Only scripts are used, so that every step is atomic. Redis 5 or later. */
export interface RedisClient {
  eval(...args: never[]): Promise<unknown>;
}

interface NodeRedis {
  eval(script: string, options: { keys: readonly string[]; arguments: readonly string[] }): Promise<unknown>;
}
type IoEval = (script: string, keys: number, ...rest: readonly string[]) => Promise<unknown>;

/** Runs a script. node-redis is known by its upper-case command names. */
export function evaluate(
  client: RedisClient,
  script: string,
  { keys, args }: { readonly keys: readonly string[]; readonly args: readonly (string | number)[] },
): Promise<unknown> {
  const texts = args.map(String);
  if ("EVAL" in client) return (client as unknown as NodeRedis).eval(script, { keys, arguments: texts });
  return (client.eval as IoEval).call(client, script, keys.length, ...keys, ...texts);
}

/** Milliseconds by the server's clock, as the local `now` of a script. */
export const REDIS_NOW = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)\n";

/** A log of many events, written by the database itself: rows as the console writes them, one a second until now. */
import { createClient } from "@libsql/client";

export async function fillEvents(path: string, { count, now }: { readonly count: number; readonly now: number }): Promise<void> {
  const client = createClient({ url: `file:${path}` });
  await client.executeMultiple(`
    pragma synchronous = off;
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})
    insert into "event" ("environment", "at", "receivedAt", "type", "family", "service", "instance", "boot", "seq", "resourceKind", "resourceName", "actor", "data")
    select 'production', ${now} - (${count} - i) * 1000, ${now} - (${count} - i) * 1000 + 40,
      case i % 4 when 0 then 'breaker.opened' when 1 then 'breaker.closed' when 2 then 'pool.saturated' else 'deploy' end,
      case i % 4 when 0 then 'breaker' when 1 then 'breaker' when 2 then 'pool' else 'deploy' end,
      'service-' || (i % 40), 'instance-' || (i % 200), 'boot-' || (i % 200), i, 'breaker', 'payments', 'agent', '{"from":"closed","to":"open"}'
    from n;
    pragma wal_checkpoint(truncate);`);
  client.close();
}

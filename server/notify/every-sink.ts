import type { Sink } from "../store/notify-store.ts";
import type { Page, Store } from "../store/store.ts";

/** All of them: an installation has a handful. */
export async function everySink(store: Pick<Store, "listNotifySinks">): Promise<readonly Sink[]> {
  const found: Sink[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<Sink> = await store.listNotifySinks({ limit: 500, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

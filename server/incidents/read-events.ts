/** Every event of some families within a time, page by page. */
import type { EventQuery, LoggedEventIn, Store } from "../store/store.ts";

const PAGE = 500;

interface EventsQuery extends Pick<EventQuery, "environment" | "service" | "since" | "until"> {
  readonly kinds: readonly string[];
  readonly most: number;
  /** Asked before each page: nobody wants them any more. */
  readonly ended?: () => boolean;
}

/** In order of time within each family. Stops after `most` events; true when it read them all. */
export async function readEvents(
  store: Pick<Store, "listEvents">,
  { kinds, most, ended = () => false, ...rest }: EventsQuery,
  each: (event: LoggedEventIn) => void,
): Promise<boolean> {
  let left = most;
  for (const kind of kinds) {
    let cursor: string | null | undefined;
    do {
      if (left <= 0 || ended()) return false;
      const { items, nextCursor } = await store.listEvents({
        ...rest,
        kind,
        limit: Math.min(PAGE, left),
        order: "asc",
        ...(cursor == null ? {} : { cursor }),
      });
      for (const event of items) each({ ...event, environment: rest.environment });
      left -= items.length;
      cursor = nextCursor;
    } while (cursor !== null);
  }
  return true;
}

/** What is read of the event log, over a client and a dialect. */
import * as log from "./event-log.ts";
import { PrismaNotifyStore } from "./prisma-notify-store.ts";
import type { Store } from "./store.ts";

export abstract class PrismaEventReads extends PrismaNotifyStore {
  listEvents(...[query]: Parameters<Store["listEvents"]>) {
    return this.read(() => log.listEvents(this.db, query));
  }
  lastEventSeq(...[agent]: Parameters<Store["lastEventSeq"]>) {
    return this.read(() => log.lastEventSeq(this.db, agent));
  }
  lastEventId(environment: string) {
    return this.read(() => log.lastEventId(this.db, environment));
  }
  countEvents(...[span]: Parameters<Store["countEvents"]>) {
    return this.read(() => log.countEvents(this.db, span));
  }
}

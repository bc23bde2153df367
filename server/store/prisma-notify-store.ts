/** The part of the store that notifications stand on, over a client and a dialect. */
import * as log from "./event-log.ts";
import * as outbox from "./notify-outbox.ts";
import * as sinks from "./notify-sinks.ts";
import type { NotifyStore } from "./notify-store.ts";
import { StoreConnection } from "./store-connection.ts";

export abstract class PrismaNotifyStore extends StoreConnection implements NotifyStore {
  listNotifySinks(...[query]: Parameters<NotifyStore["listNotifySinks"]>) {
    return this.read(() => sinks.listSinks(this.db, query));
  }
  getNotifySink(id: string) {
    return this.read(() => sinks.getSink(this.db, id));
  }
  countNotifyWaiting() {
    return this.read(() => outbox.countWaiting(this.db));
  }
  createNotifySink(...[sink, audit]: Parameters<NotifyStore["createNotifySink"]>) {
    return this.alone((tx) => sinks.createSink(tx, this.dialect, sink, audit));
  }
  changeNotifySink(...[id, changes, audit]: Parameters<NotifyStore["changeNotifySink"]>) {
    return this.alone((tx) => sinks.changeSink(tx, this.dialect, { id, changes, audit }));
  }
  deleteNotifySink(...[id, audit]: Parameters<NotifyStore["deleteNotifySink"]>) {
    return this.alone((tx) => sinks.deleteSink(tx, this.dialect, id, audit));
  }

  listNotifyDeliveries(...[query]: Parameters<NotifyStore["listNotifyDeliveries"]>) {
    return this.read(() => outbox.listDeliveries(this.db, query));
  }
  getNotifyDelivery(id: string) {
    return this.read(() => outbox.getDelivery(this.db, id));
  }
  listDueDeliveries(now: number, sinkId?: string) {
    return this.read(() => outbox.listDue(this.db, now, sinkId));
  }
  repeatNotifyDelivery(...[id, times, audit]: Parameters<NotifyStore["repeatNotifyDelivery"]>) {
    return this.alone((tx) => outbox.repeatDelivery(tx, this.dialect, { id, ...times, audit }));
  }
  recordNotifyTest(...[delivery, outcome, audit]: Parameters<NotifyStore["recordNotifyTest"]>) {
    return this.alone((tx) => outbox.recordTest(tx, this.dialect, { delivery, outcome, audit }));
  }

  listEventsAfter(id: number, limit: number) {
    return this.read(() => log.listEventsAfter(this.db, id, limit));
  }
  saveNotices(...[lease, notices]: Parameters<NotifyStore["saveNotices"]>) {
    return this.alone((tx) => outbox.saveNotices(tx, this.dialect, lease, notices));
  }
  settleNotifyDelivery(...[lease, settlement]: Parameters<NotifyStore["settleNotifyDelivery"]>) {
    return this.alone((tx) => outbox.settleDelivery(tx, this.dialect, lease, settlement));
  }
  pruneNotifyDeliveries(...[lease, drop]: Parameters<NotifyStore["pruneNotifyDeliveries"]>) {
    return this.alone((tx) => outbox.pruneDeliveries(tx, this.dialect, lease, drop));
  }
}

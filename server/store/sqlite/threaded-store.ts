/** The embedded store as its callers see it: writes go to one thread and long reads to another, so that neither waits for the other. */
import type { Store } from "../store.ts";
import type { StoreMethod } from "./messages.ts";
import type { StoreThread } from "./store-thread.ts";

/** Only reads. A read sees every write that resolved before it began: the log of the database is shared. */
const READS = {
  listEvents: true,
  lastEventSeq: true,
  lastEventId: true,
  countEvents: true,
  listInstances: true,
  readPages: true,
  lastFrameSeq: true,
  listSwitches: true,
  listEnvironments: true,
  currentRevision: true,
  subjectRevision: true,
  getFlip: true,
  listLiveFlips: true,
  listFlips: true,
  listReceipts: true,
  getIncident: true,
  listIncidents: true,
  listRecentIncidents: true,
  listIncidentEntries: true,
  listIncidentRules: true,
  findToken: true,
  listTokens: true,
  countTokens: true,
  size: true,
  listLeases: true,
  listJobs: true,
  listDue: true,
  countDue: true,
  readStoredPages: true,
  readPagesExcept: true,
  readRollups: true,
  readRollupsSince: true,
  listPageOwners: true,
  listPins: true,
  tierUse: true,
  findKeyFrame: true,
  keyFrameSpan: true,
  listStoryChanges: true,
  listPages: true,
  listFlipsAt: true,
  listSwitchPlaces: true,
  listPresets: true,
  getPreset: true,
  getChangeSet: true,
  listChangeSets: true,
  listRevisionsAt: true,
  listAudit: true,
  auditHead: true,
  verifyAudit: true,
  listNotifySinks: true,
  getNotifySink: true,
  countNotifyWaiting: true,
  listNotifyDeliveries: true,
  getNotifyDelivery: true,
  listDueDeliveries: true,
  listEventsAfter: true,
} as const satisfies Partial<Record<StoreMethod, true>>;

const WRITES = [
  "appendAgentEvents",
  "appendEvents",
  "saveInstances",
  "forgetInstance",
  "putPages",
  "saveSwitches",
  "createFlip",
  "endFlip",
  "applyChangeSet",
  "saveReceipts",
  "putSwitchPlace",
  "putPreset",
  "deletePreset",
  "commitIncidents",
  "putIncidentEntry",
  "putIncidentRule",
  "deleteIncidentRule",
  "appendAudit",
  "createToken",
  "revokeToken",
  "touchToken",
  "reserveIdempotency",
  "settleIdempotency",
  "releaseIdempotency",
  "sweepIdempotency",
  "takeLease",
  "releaseLease",
  "saveProgress",
  "saveRolledHour",
  "dropPages",
  "dropRollups",
  "pinPages",
  "unpinPages",
  "appendStoryChange",
  "putKeyFrame",
  "extendKeyFrame",
  "dropStory",
  "createNotifySink",
  "changeNotifySink",
  "deleteNotifySink",
  "repeatNotifyDelivery",
  "recordNotifyTest",
  "saveNotices",
  "settleNotifyDelivery",
  "pruneNotifyDeliveries",
] as const satisfies readonly StoreMethod[];

export interface StoreThreads {
  readonly writer: StoreThread;
  readonly reader: StoreThread;
}

export function createThreadedStore({ writer, reader }: StoreThreads, afterClose: () => Promise<void>): Store {
  const forward =
    (thread: StoreThread, method: StoreMethod) =>
    (...args: never[]) =>
      thread.call(method, args as never);
  const reads = (Object.keys(READS) as StoreMethod[]).map((method) => [method, forward(reader, method)] as const);
  const writes = WRITES.map((method) => [method, forward(writer, method)] as const);
  const both = [writer, reader];
  let closed: Promise<void> | undefined;
  const own: Pick<Store, "putPages" | "healthy" | "close"> = {
    // A view on a larger buffer would take all of it along.
    putPages: (pages) => writer.call("putPages", [pages.map((page) => ({ ...page, bytes: Uint8Array.from(page.bytes) }))]),
    healthy: async () => {
      const answers = await Promise.allSettled(both.map((thread) => thread.call("healthy", [])));
      return answers.every((answer) => answer.status === "fulfilled" && answer.value);
    },
    close: () => (closed ??= Promise.all(both.map((thread) => thread.close())).then(afterClose)),
  };
  return { ...Object.fromEntries([...reads, ...writes]), ...own } as Store;
}

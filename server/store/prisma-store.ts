/** The store over a client and a dialect: what is merged, what has a transaction of its own, what only reads. */
import { CommitQueue, type CommitReport, type Merge } from "./commit-queue.ts";
import { type Db, TRANSACTION_OPTIONS, type Tx } from "./db.ts";
import type { Dialect } from "./dialect.ts";
import * as log from "./event-log.ts";
import { asStoreError, isUnavailable } from "./failure.ts";
import * as flips from "./flips.ts";
import * as tiers from "./history-tiers.ts";
import * as jobs from "./job-leases.ts";
import * as incidents from "./incidents.ts";
import * as fleet from "./known-fleet.ts";
import * as due from "./rollup-due.ts";
import * as samples from "./sample-pages.ts";
import {
  type Flip,
  type KnownInstance,
  type KnownSwitch,
  type LoggedEventIn,
  type Receipt,
  type SamplePage,
  type Store,
  StoreUnavailable,
} from "./store.ts";
import type { Lease, PagePin, Progress, RolledHour } from "./tier-store.ts";
import * as tokens from "./tokens.ts";

export interface PrismaStoreOptions {
  readonly db: Db;
  readonly dialect: Dialect;
  readonly onCommit?: (report: CommitReport) => void;
}

/** Rows, or kilobytes of pages, merged into one transaction at most: it takes some tens of milliseconds, and a flip may wait for it. */
const MAX_WEIGHT = 2_500;

/** Merges calls that each bring a list and want no answer. */
function lists<T>(write: (tx: Tx, items: readonly T[]) => Promise<void>): Merge<readonly T[], undefined> {
  return async (tx, inputs) => {
    await write(tx, inputs.flat());
    return inputs.map(() => undefined);
  };
}

export class PrismaStore implements Store {
  readonly #db: Db;
  readonly #dialect: Dialect;
  readonly #queue: CommitQueue;
  #closed = false;

  readonly #appendRows: Merge<readonly log.LogRow[], readonly LoggedEventIn[]> = (tx, calls) => log.appendRows(tx, this.#dialect, calls);
  readonly #putPages = lists<SamplePage>((tx, pages) => samples.insertPages(tx, this.#dialect, pages));
  readonly #saveInstances = lists<KnownInstance>((tx, known) => fleet.saveInstances(tx, this.#dialect, known));
  readonly #saveSwitches = lists<KnownSwitch>((tx, known) => fleet.saveSwitches(tx, this.#dialect, known));
  readonly #saveReceipts = lists<Receipt>((tx, receipts) => flips.saveReceipts(tx, this.#dialect, receipts));
  readonly #touchTokens = lists<{ id: string; at: number }>(async (tx, uses) => {
    for (const { id, at } of uses) await tokens.touchToken(tx, id, at);
  });

  constructor({ db, dialect, onCommit }: PrismaStoreOptions) {
    this.#db = db;
    this.#dialect = dialect;
    this.#queue = new CommitQueue({
      transact: (work) => db.$transaction(work, TRANSACTION_OPTIONS),
      isUnavailable,
      maxWeight: MAX_WEIGHT,
      ...(onCommit ? { onCommit } : {}),
    });
  }

  async appendAgentEvents(...[batches]: Parameters<Store["appendAgentEvents"]>) {
    const rows = batches.flatMap(log.agentRows);
    return rows.length === 0 ? [] : this.#merged(this.#appendRows, rows, rows.length);
  }
  async appendEvents(...[events]: Parameters<Store["appendEvents"]>) {
    return events.length === 0 ? [] : this.#merged(this.#appendRows, events.map(log.consoleRow), events.length);
  }
  listEvents(...[query]: Parameters<Store["listEvents"]>) {
    return this.#read(() => log.listEvents(this.#db, query));
  }
  lastEventSeq(...[agent]: Parameters<Store["lastEventSeq"]>) {
    return this.#read(() => log.lastEventSeq(this.#db, agent));
  }
  lastEventId(environment: string) {
    return this.#read(() => log.lastEventId(this.#db, environment));
  }

  async saveInstances(instances: readonly KnownInstance[]) {
    if (instances.length > 0) await this.#merged(this.#saveInstances, instances, instances.length);
  }
  listInstances(environment?: string) {
    return this.#read(() => fleet.listInstances(this.#db, environment));
  }
  async forgetInstance(environment: string, service: string, instance: string) {
    await this.#alone((tx) => tx.instance.deleteMany({ where: { environment, service, instance } }));
  }

  async putPages(pages: readonly SamplePage[]) {
    samples.checkPages(pages);
    const kilobytes = pages.reduce((sum, page) => sum + page.bytes.byteLength / 1024, pages.length);
    if (pages.length > 0) await this.#merged(this.#putPages, pages, kilobytes);
  }
  readPages(...[query]: Parameters<Store["readPages"]>) {
    return this.#read(() => samples.readPages(this.#db, query));
  }
  lastFrameSeq(...[agent]: Parameters<Store["lastFrameSeq"]>) {
    return this.#read(() => samples.lastFrameSeq(this.#db, agent));
  }

  takeLease(name: string, holder: string, ttlMs: number) {
    return this.#alone((tx) => jobs.takeLease(tx, this.#dialect, { name, holder, ttlMs }));
  }
  releaseLease(lease: Lease) {
    return this.#alone((tx) => jobs.releaseLease(tx, lease));
  }
  listLeases() {
    return this.#read(() => jobs.listLeases(this.#db));
  }
  listJobs() {
    return this.#read(() => jobs.listJobs(this.#db));
  }
  saveProgress(lease: Lease, progress: Progress) {
    return this.#alone((tx) => jobs.saveProgress(tx, this.#dialect, lease, progress));
  }
  listDue(...[query]: Parameters<Store["listDue"]>) {
    return this.#read(() => due.listDue(this.#db, query));
  }
  countDue(until: number) {
    return this.#read(() => due.countDue(this.#db, until));
  }
  readStoredPages(...[query]: Parameters<Store["readStoredPages"]>) {
    return this.#read(() => tiers.readStoredPages(this.#db, query));
  }
  readRollups(...[query]: Parameters<Store["readRollups"]>) {
    return this.#read(() => tiers.readRollups(this.#db, query));
  }
  saveRolledHour(lease: Lease, hour: RolledHour) {
    return this.#alone((tx) => tiers.saveRolledHour(tx, this.#dialect, lease, hour));
  }
  listPageOwners() {
    return this.#read(() => tiers.listPageOwners(this.#db));
  }
  dropPages(...[lease, drop]: Parameters<Store["dropPages"]>) {
    return this.#alone((tx) => tiers.dropPages(tx, this.#dialect, lease, drop));
  }
  dropRollups(...[lease, drop]: Parameters<Store["dropRollups"]>) {
    return this.#alone((tx) => tiers.dropRollups(tx, this.#dialect, lease, drop));
  }
  pinPages(pin: PagePin) {
    return this.#alone((tx) => tiers.pinPages(tx, pin));
  }
  async unpinPages(id: string) {
    await this.#alone((tx) => tx.pagePin.deleteMany({ where: { id } }));
  }
  listPins(environment?: string) {
    return this.#read(() => tiers.listPins(this.#db, environment));
  }
  tierUse() {
    return this.#read(() => tiers.tierUse(this.#db));
  }

  async saveSwitches(switches: readonly KnownSwitch[]) {
    if (switches.length > 0) await this.#merged(this.#saveSwitches, switches, switches.length);
  }
  listSwitches(environment: string) {
    return this.#read(() => fleet.listSwitches(this.#db, environment));
  }

  listEnvironments() {
    return this.#read(() => fleet.listEnvironments(this.#db));
  }
  currentRevision(environment: string) {
    return this.#read(() => flips.currentRevision(this.#db, environment));
  }
  createFlip(...[flip, receipts, event, expectedRevision]: Parameters<Store["createFlip"]>) {
    return this.#alone((tx) => flips.createFlip(tx, this.#dialect, { flip, receipts, event, expectedRevision }));
  }
  endFlip(...[id, end, event]: Parameters<Store["endFlip"]>) {
    return this.#alone((tx) => flips.endFlip(tx, this.#dialect, { id, end, event }));
  }
  subjectRevision(...[environment, subject]: Parameters<Store["subjectRevision"]>) {
    return this.#read(() => flips.subjectRevision(this.#db, environment, subject));
  }
  getFlip(id: string): Promise<Flip | null> {
    return this.#read(() => flips.getFlip(this.#db, id));
  }
  listLiveFlips(environment?: string) {
    return this.#read(() => flips.listLiveFlips(this.#db, environment));
  }
  listFlips(...[query]: Parameters<Store["listFlips"]>) {
    return this.#read(() => flips.listFlips(this.#db, query));
  }
  async saveReceipts(receipts: readonly Receipt[]) {
    if (receipts.length > 0) await this.#merged(this.#saveReceipts, receipts, receipts.length);
  }
  listReceipts(flipId: string) {
    return this.#read(() => flips.listReceipts(this.#db, flipId));
  }

  commitIncidents(...[changed, events]: Parameters<Store["commitIncidents"]>) {
    return this.#alone((tx) => incidents.commitIncidents(tx, this.#dialect, changed, events));
  }
  getIncident(id: string) {
    return this.#read(() => incidents.getIncident(this.#db, id));
  }
  listIncidents(...[query]: Parameters<Store["listIncidents"]>) {
    return this.#read(() => incidents.listIncidents(this.#db, query));
  }
  listRecentIncidents(environment: string, changedSince: number) {
    return this.#read(() => incidents.listRecentIncidents(this.#db, environment, changedSince));
  }
  putIncidentEntry(...[entry, event]: Parameters<Store["putIncidentEntry"]>) {
    return this.#alone((tx) => incidents.putIncidentEntry(tx, this.#dialect, entry, event));
  }
  listIncidentEntries(incidentId: string) {
    return this.#read(() => incidents.listIncidentEntries(this.#db, incidentId));
  }
  listIncidentRules(environment: string) {
    return this.#read(() => incidents.listIncidentRules(this.#db, environment));
  }
  putIncidentRule(...[environment, rule, event]: Parameters<Store["putIncidentRule"]>) {
    return this.#alone((tx) => incidents.putIncidentRule(tx, this.#dialect, { environment, rule }, event));
  }
  deleteIncidentRule(...[environment, id, event]: Parameters<Store["deleteIncidentRule"]>) {
    return this.#alone((tx) => incidents.deleteIncidentRule(tx, this.#dialect, { environment, id }, event));
  }

  createToken(...[token, event]: Parameters<Store["createToken"]>) {
    return this.#alone((tx) => tokens.createToken(tx, this.#dialect, token, event));
  }
  findToken(hash: string) {
    return this.#read(() => tokens.findToken(this.#db, hash));
  }
  listTokens(...[query]: Parameters<Store["listTokens"]>) {
    return this.#read(() => tokens.listTokens(this.#db, query));
  }
  countTokens(kind: "agent" | "api") {
    return this.#read(() => tokens.countTokens(this.#db, kind));
  }
  revokeToken(...[id, at, event]: Parameters<Store["revokeToken"]>) {
    return this.#alone((tx) => tokens.revokeToken(tx, this.#dialect, { id, at, event }));
  }
  async touchToken(id: string, at: number) {
    await this.#merged(this.#touchTokens, [{ id, at }], 1);
  }

  reserveIdempotency(...[principal, key, fingerprint, now]: Parameters<Store["reserveIdempotency"]>) {
    return this.#alone((tx) => tokens.reserveIdempotency(tx, { principal, key, fingerprint, now }));
  }
  settleIdempotency(...[principal, key, status, body]: Parameters<Store["settleIdempotency"]>) {
    return this.#alone((tx) => tokens.settleIdempotency(tx, { principal, key }, { status, body }));
  }
  releaseIdempotency(principal: string, key: string) {
    return this.#alone((tx) => tokens.releaseIdempotency(tx, principal, key));
  }
  sweepIdempotency(before: number) {
    return this.#alone((tx) => tokens.sweepIdempotency(tx, before));
  }

  async healthy() {
    try {
      await this.#read(() => this.#db.$queryRawUnsafe("select 1"));
      return true;
    } catch {
      return false;
    }
  }
  size() {
    return this.#read(() => this.#dialect.size(this.#db));
  }
  /** Writes what still waits, then closes. Later calls are refused. */
  async close() {
    if (this.#closed) return;
    this.#closed = true;
    await this.#queue.drain();
    await this.#db.$disconnect();
  }

  #merged<In, Out>(merge: Merge<In, Out>, input: In, weight: number): Promise<Out> {
    return this.#open(() => this.#queue.merged(merge, input, weight));
  }
  #alone<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#open(() => this.#queue.alone(work));
  }
  #read<T>(read: () => Promise<T>): Promise<T> {
    return this.#open(read);
  }
  async #open<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new StoreUnavailable("the store is closed");
    try {
      return await work();
    } catch (error) {
      throw asStoreError(error);
    }
  }
}

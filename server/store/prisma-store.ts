/** The store over a client and a dialect: what is merged, what has a transaction of its own, what only reads. */
import * as audit from "./audit-log.ts";
import type { AuditEntry, NewAuditEntry } from "./audit-entry.ts";
import type { Merge } from "./commit-queue.ts";
import type { Tx } from "./db.ts";
import * as log from "./event-log.ts";
import type { ChangeSetWrite } from "./change-set.ts";
import * as changeSets from "./change-sets.ts";
import * as flips from "./flips.ts";
import * as tiers from "./history-tiers.ts";
import * as jobs from "./job-leases.ts";
import * as incidents from "./incidents.ts";
import * as fleet from "./known-fleet.ts";
import * as plans from "./plans.ts";
import type { Preset, SwitchPlace } from "./plan-store.ts";
import { PrismaEventReads } from "./prisma-event-reads.ts";
import * as replay from "./replay.ts";
import type { NewKeyFrame, PageListQuery, StoryDrop, StoryQuery, StoryRow } from "./replay-store.ts";
import * as due from "./rollup-due.ts";
import * as samples from "./sample-pages.ts";
import type { Flip, KnownInstance, KnownSwitch, LoggedEventIn, Receipt, SamplePage, Store } from "./store.ts";
import type { Lease, PagePin, Progress, RolledHour } from "./tier-store.ts";
import * as tokens from "./tokens.ts";

/** Merges calls that each bring a list and want no answer. */
function lists<T>(write: (tx: Tx, items: readonly T[]) => Promise<void>): Merge<readonly T[], undefined> {
  return async (tx, inputs) => {
    await write(tx, inputs.flat());
    return inputs.map(() => undefined);
  };
}

export class PrismaStore extends PrismaEventReads implements Store {
  readonly #appendRows: Merge<readonly log.LogRow[], readonly LoggedEventIn[]> = (tx, calls) => log.appendRows(tx, this.dialect, calls);
  readonly #appendAudit: Merge<readonly NewAuditEntry[], readonly AuditEntry[]> = async (tx, calls) => {
    const entries = await audit.appendEntries(tx, this.dialect, calls.flat());
    let next = 0;
    return calls.map((call) => entries.slice(next, (next += call.length)));
  };
  readonly #putPages = lists<SamplePage>((tx, pages) => samples.insertPages(tx, this.dialect, pages));
  readonly #saveInstances = lists<KnownInstance>((tx, known) => fleet.saveInstances(tx, this.dialect, known));
  readonly #saveSwitches = lists<KnownSwitch>((tx, known) => fleet.saveSwitches(tx, this.dialect, known));
  readonly #saveReceipts = lists<Receipt>((tx, receipts) => flips.saveReceipts(tx, this.dialect, receipts));
  readonly #appendStoryChanges: Merge<StoryRow, number> = (tx, changes) => replay.appendStoryChanges(tx, this.dialect, changes);
  readonly #extendKeyFrames = lists<{ id: number; until: number }>((tx, signs) => replay.extendKeyFrames(tx, signs));
  readonly #touchTokens = lists<{ id: string; at: number }>(async (tx, uses) => {
    for (const { id, at } of uses) await tokens.touchToken(tx, id, at);
  });

  async appendAgentEvents(...[batches]: Parameters<Store["appendAgentEvents"]>) {
    const rows = batches.flatMap(log.agentRows);
    return rows.length === 0 ? [] : this.merged(this.#appendRows, rows, rows.length);
  }
  async appendEvents(...[events]: Parameters<Store["appendEvents"]>) {
    return events.length === 0 ? [] : this.merged(this.#appendRows, events.map(log.consoleRow), events.length);
  }

  async saveInstances(instances: readonly KnownInstance[]) {
    if (instances.length > 0) await this.merged(this.#saveInstances, instances, instances.length);
  }
  listInstances(environment?: string) {
    return this.read(() => fleet.listInstances(this.db, environment));
  }
  async forgetInstance(environment: string, service: string, instance: string) {
    await this.alone((tx) => tx.instance.deleteMany({ where: { environment, service, instance } }));
  }

  async putPages(pages: readonly SamplePage[]) {
    samples.checkPages(pages);
    const kilobytes = pages.reduce((sum, page) => sum + page.bytes.byteLength / 1024, pages.length);
    if (pages.length > 0) await this.merged(this.#putPages, pages, kilobytes);
  }
  readPages(...[query]: Parameters<Store["readPages"]>) {
    return this.read(() => samples.readPages(this.db, query));
  }
  lastFrameSeq(...[agent]: Parameters<Store["lastFrameSeq"]>) {
    return this.read(() => samples.lastFrameSeq(this.db, agent));
  }

  takeLease(name: string, holder: string, ttlMs: number) {
    return this.alone((tx) => jobs.takeLease(tx, this.dialect, { name, holder, ttlMs }));
  }
  releaseLease(lease: Lease) {
    return this.alone((tx) => jobs.releaseLease(tx, lease));
  }
  listLeases() {
    return this.read(() => jobs.listLeases(this.db));
  }
  listJobs() {
    return this.read(() => jobs.listJobs(this.db));
  }
  saveProgress(lease: Lease, progress: Progress) {
    return this.alone((tx) => jobs.saveProgress(tx, this.dialect, lease, progress));
  }
  listDue(...[query]: Parameters<Store["listDue"]>) {
    return this.read(() => due.listDue(this.db, query));
  }
  countDue(until: number) {
    return this.read(() => due.countDue(this.db, until));
  }
  readStoredPages(...[query]: Parameters<Store["readStoredPages"]>) {
    return this.read(() => tiers.readStoredPages(this.db, query));
  }
  readPagesExcept(...[query, known]: Parameters<Store["readPagesExcept"]>) {
    return this.read(() => samples.readPagesExcept(this.db, this.dialect, query, known));
  }
  readRollupsSince(...[query, version]: Parameters<Store["readRollupsSince"]>) {
    return this.read(() => tiers.readRollupsSince(this.db, this.dialect, query, version));
  }
  readRollups(...[query]: Parameters<Store["readRollups"]>) {
    return this.read(() => tiers.readRollups(this.db, query));
  }
  saveRolledHour(lease: Lease, hour: RolledHour) {
    return this.alone((tx) => tiers.saveRolledHour(tx, this.dialect, lease, hour));
  }
  listPageOwners() {
    return this.read(() => tiers.listPageOwners(this.db));
  }
  dropPages(...[lease, drop]: Parameters<Store["dropPages"]>) {
    return this.alone((tx) => tiers.dropPages(tx, this.dialect, lease, drop));
  }
  dropRollups(...[lease, drop]: Parameters<Store["dropRollups"]>) {
    return this.alone((tx) => tiers.dropRollups(tx, this.dialect, lease, drop));
  }
  pinPages(pin: PagePin) {
    return this.alone((tx) => tiers.pinPages(tx, pin));
  }
  async unpinPages(id: string) {
    await this.alone((tx) => tx.pagePin.deleteMany({ where: { id } }));
  }
  listPins(environment?: string) {
    return this.read(() => tiers.listPins(this.db, environment));
  }
  tierUse() {
    return this.read(() => tiers.tierUse(this.db));
  }

  async saveSwitches(switches: readonly KnownSwitch[]) {
    if (switches.length > 0) await this.merged(this.#saveSwitches, switches, switches.length);
  }
  listSwitches(environment: string) {
    return this.read(() => fleet.listSwitches(this.db, environment));
  }

  listEnvironments() {
    return this.read(() => fleet.listEnvironments(this.db));
  }
  currentRevision(environment: string) {
    return this.read(() => flips.currentRevision(this.db, environment));
  }
  createFlip(...[flip, receipts, event, expectedRevision]: Parameters<Store["createFlip"]>) {
    return this.alone((tx) => flips.createFlip(tx, this.dialect, { flip, receipts, event, expectedRevision }));
  }
  endFlip(...[id, end, event]: Parameters<Store["endFlip"]>) {
    return this.alone((tx) => flips.endFlip(tx, this.dialect, { id, end, event }));
  }
  applyChangeSet(write: ChangeSetWrite) {
    return this.alone((tx) => changeSets.applyChangeSet(tx, this.dialect, write));
  }
  getChangeSet(id: string) {
    return this.read(() => changeSets.getChangeSet(this.db, id));
  }
  listChangeSets(...[query]: Parameters<Store["listChangeSets"]>) {
    return this.read(() => changeSets.listChangeSets(this.db, query));
  }
  subjectRevision(...[environment, subject]: Parameters<Store["subjectRevision"]>) {
    return this.read(() => flips.subjectRevision(this.db, environment, subject));
  }
  getFlip(id: string): Promise<Flip | null> {
    return this.read(() => flips.getFlip(this.db, id));
  }
  listLiveFlips(environment?: string) {
    return this.read(() => flips.listLiveFlips(this.db, environment));
  }
  listFlips(...[query]: Parameters<Store["listFlips"]>) {
    return this.read(() => flips.listFlips(this.db, query));
  }
  async saveReceipts(receipts: readonly Receipt[]) {
    if (receipts.length > 0) await this.merged(this.#saveReceipts, receipts, receipts.length);
  }
  listReceipts(flipId: string) {
    return this.read(() => flips.listReceipts(this.db, flipId));
  }

  listSwitchPlaces(environment: string) {
    return this.read(() => plans.listSwitchPlaces(this.db, environment));
  }
  putSwitchPlace(place: SwitchPlace, entry: NewAuditEntry) {
    return this.alone((tx) => plans.putSwitchPlace(tx, this.dialect, place, entry));
  }
  listPresets(environment: string) {
    return this.read(() => plans.listPresets(this.db, environment));
  }
  getPreset(id: string) {
    return this.read(() => plans.getPreset(this.db, id));
  }
  putPreset(preset: Preset, entry: NewAuditEntry) {
    return this.alone((tx) => plans.putPreset(tx, this.dialect, preset, entry));
  }
  deletePreset(id: string, version: number, entry: NewAuditEntry) {
    return this.alone((tx) => plans.deletePreset(tx, this.dialect, { id, version }, entry));
  }

  appendStoryChange(row: StoryRow) {
    return this.merged(this.#appendStoryChanges, row, 1 + row.bytes.byteLength / 1024);
  }
  putKeyFrame(frame: NewKeyFrame) {
    return this.alone((tx) => replay.putKeyFrame(tx, frame));
  }
  async extendKeyFrame(id: number, until: number) {
    await this.merged(this.#extendKeyFrames, [{ id, until }], 1);
  }
  findKeyFrame(environment: string, at: number) {
    return this.read(() => replay.findKeyFrame(this.db, environment, at));
  }
  keyFrameSpan(environment: string) {
    return this.read(() => replay.keyFrameSpan(this.db, environment));
  }
  listStoryChanges(query: StoryQuery) {
    return this.read(() => replay.listStoryChanges(this.db, query));
  }
  dropStory(lease: Lease, drop: StoryDrop) {
    return this.alone((tx) => replay.dropStory(tx, this.dialect, lease, drop));
  }
  listPages(query: PageListQuery) {
    return this.read(() => replay.listPages(this.db, query));
  }
  listFlipsAt(environment: string, at: number) {
    return this.read(() => replay.listFlipsAt(this.db, environment, at));
  }
  listRevisionsAt(environment: string, at: number) {
    return this.read(() => replay.listRevisionsAt(this.db, environment, at));
  }

  commitIncidents(...[changed, events]: Parameters<Store["commitIncidents"]>) {
    return this.alone((tx) => incidents.commitIncidents(tx, this.dialect, changed, events));
  }
  getIncident(id: string) {
    return this.read(() => incidents.getIncident(this.db, id));
  }
  listIncidents(...[query]: Parameters<Store["listIncidents"]>) {
    return this.read(() => incidents.listIncidents(this.db, query));
  }
  listRecentIncidents(environment: string, changedSince: number) {
    return this.read(() => incidents.listRecentIncidents(this.db, environment, changedSince));
  }
  putIncidentEntry(...[entry, event]: Parameters<Store["putIncidentEntry"]>) {
    return this.alone((tx) => incidents.putIncidentEntry(tx, this.dialect, entry, event));
  }
  listIncidentEntries(incidentId: string) {
    return this.read(() => incidents.listIncidentEntries(this.db, incidentId));
  }
  listIncidentRules(environment: string) {
    return this.read(() => incidents.listIncidentRules(this.db, environment));
  }
  putIncidentRule(...[environment, rule, event]: Parameters<Store["putIncidentRule"]>) {
    return this.alone((tx) => incidents.putIncidentRule(tx, this.dialect, { environment, rule }, event));
  }
  deleteIncidentRule(...[environment, id, event]: Parameters<Store["deleteIncidentRule"]>) {
    return this.alone((tx) => incidents.deleteIncidentRule(tx, this.dialect, { environment, id }, event));
  }

  async appendAudit(entries: readonly NewAuditEntry[]) {
    return entries.length === 0 ? [] : this.merged(this.#appendAudit, entries, entries.length);
  }
  listAudit(...[query]: Parameters<Store["listAudit"]>) {
    return this.read(() => audit.listAudit(this.db, query));
  }
  auditHead() {
    return this.read(() => audit.auditHead(this.db));
  }
  verifyAudit(...[after, limit]: Parameters<Store["verifyAudit"]>) {
    return this.read(() => audit.verifyAudit(this.db, after, limit));
  }

  createToken(...[token, entry]: Parameters<Store["createToken"]>) {
    return this.alone((tx) => tokens.createToken(tx, this.dialect, token, entry));
  }
  findToken(hash: string) {
    return this.read(() => tokens.findToken(this.db, hash));
  }
  listTokens(...[query]: Parameters<Store["listTokens"]>) {
    return this.read(() => tokens.listTokens(this.db, query));
  }
  countTokens(kind: "agent" | "api") {
    return this.read(() => tokens.countTokens(this.db, kind));
  }
  revokeToken(...[id, at, entry]: Parameters<Store["revokeToken"]>) {
    return this.alone((tx) => tokens.revokeToken(tx, this.dialect, { id, at, audit: entry }));
  }
  async touchToken(id: string, at: number) {
    await this.merged(this.#touchTokens, [{ id, at }], 1);
  }

  reserveIdempotency(...[principal, key, fingerprint, now]: Parameters<Store["reserveIdempotency"]>) {
    return this.alone((tx) => tokens.reserveIdempotency(tx, { principal, key, fingerprint, now }));
  }
  settleIdempotency(...[principal, key, status, body]: Parameters<Store["settleIdempotency"]>) {
    return this.alone((tx) => tokens.settleIdempotency(tx, { principal, key }, { status, body }));
  }
  releaseIdempotency(principal: string, key: string) {
    return this.alone((tx) => tokens.releaseIdempotency(tx, principal, key));
  }
  sweepIdempotency(before: number) {
    return this.alone((tx) => tokens.sweepIdempotency(tx, before));
  }
}

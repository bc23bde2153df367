import { expect, it } from "vitest";
import type { Decision } from "../../core/policy.ts";
import { type FlipQuery, InvalidCursor, type Receipt, RevisionConflict, type Store } from "../../server/store/store.ts";
import { flipOf, knownInstance, knownSwitch, newAudit, newEnvironment, newEvent, newFlip, NOW, page, readAll, token } from "./samples.ts";

/** Fleet, switches, flips, tokens and repeated writes: what every store promises about them. */
export function policyContract(store: () => Store): void {
  it("remembers instances, the last word winning, and forgets one when told", async () => {
    const environment = newEnvironment();
    const first = knownInstance(environment);
    const second = knownInstance(environment, { instance: "orders-2", version: null, left: true, labels: {} });
    await store().saveInstances([first, second]);
    const moved = { ...first, left: true, lastSeenAt: NOW + 99, policyRevision: 9 };
    await store().saveInstances([{ ...first, version: "stale" }, moved]);
    expect(await store().listInstances(environment)).toEqual([moved, second]);
    expect((await store().listInstances()).filter((known) => known.environment === environment)).toEqual([moved, second]);
    await store().forgetInstance(environment, "orders", "orders-1");
    await store().forgetInstance(environment, "orders", "never-there");
    expect(await store().listInstances(environment)).toEqual([second]);
  });

  it("makes and ends several changes at once, in order, and all or none", async () => {
    const environment = newEnvironment();
    const old = (await store().createFlip(newFlip(environment), [], newEvent(environment))).flip;
    const end = { id: old.id, end: { status: "reverted" as const, at: NOW, by: "user:ada" }, event: newEvent(environment) };
    const creations = [flipOf("images"), flipOf("search")].map((decision) => ({
      flip: newFlip(environment, { decision }),
      receipts: [{ instanceKey: "orders/orders-1", state: "pending" as const, lastRevision: null }],
      event: newEvent(environment),
      expectedRevision: 0,
    }));
    const set = { id: `set-${environment}`, environment, title: "Siege", reason: "slow", author: "user:ada", createdAt: NOW };
    const secondOfImages = { ...(creations[0] as (typeof creations)[number]), flip: newFlip(environment, { decision: flipOf("images") }) };
    const stale = [...creations, secondOfImages];
    await expect(store().applyChangeSet({ set, ends: [end], creations: stale, undoes: null })).rejects.toBeInstanceOf(RevisionConflict);
    expect(await store().getFlip(old.id)).toMatchObject({ status: "live" });
    expect(await store().getChangeSet(set.id)).toBeNull();

    const done = await store().applyChangeSet({ set, ends: [end], creations, undoes: null });
    const made = creations.map(({ flip }) => flip.id);
    expect(done.set).toEqual({ ...set, made, ended: [old.id], undoneBy: null });
    const numbers = [...done.made, ...done.ended].map(({ flip, event }) => [
      flip.status,
      flip.endRevision ?? flip.revision,
      event.data["revision"],
    ]);
    expect(numbers).toEqual([
      ["live", 2, 2],
      ["live", 3, 3],
      ["reverted", 4, 4],
    ]);
    expect(await store().listReceipts(made[0] ?? "")).toHaveLength(1);

    const again = { ...set, id: `${set.id}-2` };
    await expect(store().applyChangeSet({ set: again, ends: [end], creations: [], undoes: null })).rejects.toMatchObject({
      what: "change",
    });
    await store().applyChangeSet({ set: again, ends: [], creations: [], undoes: set.id });
    const third = { ...set, id: `${set.id}-3` };
    await expect(store().applyChangeSet({ set: third, ends: [], creations: [], undoes: set.id })).rejects.toMatchObject({ what: "set" });
    const ids: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await store().listChangeSets({ environment, limit: 1, ...(cursor == null ? {} : { cursor }) });
      ids.push(...page.items.map(({ id, undoneBy }) => `${id} ${undoneBy ?? ""}`));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(ids).toEqual([`${again.id} `, `${set.id} ${again.id}`]);
  });

  it("remembers switches, the last word winning", async () => {
    const environment = newEnvironment();
    await Promise.all([
      store().saveSwitches([knownSwitch(environment)]),
      store().saveSwitches([knownSwitch(environment, { key: "images" })]),
    ]);
    const changed = knownSwitch(environment, { services: ["storefront", "search"], title: "Items" });
    await store().saveSwitches([changed]);
    expect(await store().listSwitches(environment)).toEqual([knownSwitch(environment, { key: "images" }), changed]);
  });

  it("lists every environment that has anything in it, once", async () => {
    const all = Array.from({ length: 5 }, newEnvironment);
    const [events, pages, instances, switches, flips] = all as [string, string, string, string, string];
    await store().appendEvents([newEvent(events), newEvent(events)]);
    await store().putPages([page(pages)]);
    await store().saveInstances([knownInstance(instances)]);
    await store().saveSwitches([knownSwitch(switches)]);
    await store().createFlip(newFlip(flips), [], newEvent(flips));
    const found = await store().listEnvironments();
    expect(found.filter((environment) => all.includes(environment))).toEqual([...all].sort());
    expect(new Set(found).size).toBe(found.length);
  });

  it("makes a flip with its receipts, its event and the next revision of its environment at once", async () => {
    const environment = newEnvironment();
    expect(await store().currentRevision(environment)).toBe(0);
    const wanted = newFlip(environment, { scope: { service: "storefront", instances: ["storefront/a", "storefront/b"] }, expiresAt: null });
    const receipts = [
      { instanceKey: "storefront/b", state: "unknown" as const, lastRevision: 4 },
      { instanceKey: "storefront/a", state: "pending" as const, lastRevision: null },
    ];
    const event = newEvent(environment, { type: "switch.flipped", data: { position: "popular" } });
    const { flip, event: logged } = await store().createFlip(wanted, receipts, event);
    expect(flip).toEqual({ ...wanted, revision: 1, status: "live", endedAt: null, endedBy: null, endRevision: null });
    expect(logged).toEqual({ ...event, id: expect.any(Number), data: { position: "popular", revision: 1 } });
    expect(await store().getFlip(flip.id)).toEqual(flip);
    expect(await store().currentRevision(environment)).toBe(1);
    expect((await store().listEvents({ environment, limit: 10 })).items).toEqual([logged]);
    const blank = { flipId: flip.id, at: NOW, roundTripMs: null, appliedMs: null, reason: null };
    expect(await store().listReceipts(flip.id)).toEqual([
      { ...blank, instanceKey: "storefront/a", state: "pending", lastRevision: null },
      { ...blank, instanceKey: "storefront/b", state: "unknown", lastRevision: 4 },
    ]);
  });

  it("gives flips made at once different, gapless revisions, each environment its own", async () => {
    const environments = [newEnvironment(), newEnvironment()];
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, index) => environments[index % 2] as string).map((environment) =>
        store().createFlip(newFlip(environment), [], newEvent(environment)),
      ),
    );
    for (const environment of environments) {
      const revisions = made.filter(({ flip }) => flip.environment === environment).map(({ flip }) => flip.revision);
      expect(revisions.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    }
  });

  it("refuses a flip that was decided on an older revision of its switch, and writes nothing of it", async () => {
    const environment = newEnvironment();
    const { flip } = await store().createFlip(newFlip(environment), [], newEvent(environment), 0);
    await store().createFlip(newFlip(environment, { decision: flipOf("images") }), [], newEvent(environment), 0);
    expect(await store().subjectRevision(environment, flipOf("recommendations"))).toBe(1);
    const late = newFlip(environment);
    const refusal = await store()
      .createFlip(late, [{ instanceKey: "a/b", state: "pending", lastRevision: null }], newEvent(environment), 0)
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(RevisionConflict);
    expect((refusal as RevisionConflict).current).toBe(1);
    expect(await store().getFlip(late.id)).toBeNull();
    expect(await store().listReceipts(late.id)).toEqual([]);
    expect(await store().currentRevision(environment)).toBe(2);
    expect((await store().listEvents({ environment, limit: 10 })).items).toHaveLength(2);
    await store().endFlip(flip.id, { status: "reverted", at: NOW, by: "user:ada" }, newEvent(environment));
    await expect(store().createFlip(newFlip(environment), [], newEvent(environment), 1)).rejects.toBeInstanceOf(RevisionConflict);
    expect((await store().createFlip(newFlip(environment), [], newEvent(environment), 3)).flip.revision).toBe(4);
  });

  it("lets one of many authors win who all looked at the same revision", async () => {
    const environment = newEnvironment();
    const tries = await Promise.allSettled(
      Array.from({ length: 10 }, () => store().createFlip(newFlip(environment), [], newEvent(environment), 0)),
    );
    expect(tries.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    for (const one of tries) if (one.status === "rejected") expect(one.reason).toBeInstanceOf(RevisionConflict);
  });

  it("ends a flip once, with a revision and an event of its own", async () => {
    const environment = newEnvironment();
    const { flip } = await store().createFlip(newFlip(environment), [], newEvent(environment));
    const event = newEvent(environment, { type: "switch.expired" });
    const end = { status: "expired" as const, at: NOW + 5, by: "system" };
    const tries = await Promise.all([1, 2, 3].map(() => store().endFlip(flip.id, end, event)));
    const done = tries.filter((one) => one !== null);
    const ended = { ...flip, status: "expired", endedAt: NOW + 5, endedBy: "system", endRevision: 2 };
    expect(done).toEqual([{ flip: ended, event: { ...event, id: expect.any(Number), data: { revision: 2 } } }]);
    expect(await store().getFlip(flip.id)).toEqual(ended);
    expect(await store().currentRevision(environment)).toBe(2);
    expect(await store().subjectRevision(environment, flipOf("recommendations"))).toBe(2);
    expect((await store().listEvents({ environment, limit: 10 })).items).toHaveLength(2);
    expect(await store().endFlip("no-such-flip", end, event)).toBeNull();
  });

  it("lists live flips oldest first and all flips newest first, in pages", async () => {
    const environment = newEnvironment();
    const ids: string[] = [];
    for (let index = 0; index < 7; index++) {
      const { flip } = await store().createFlip(
        newFlip(environment, { decision: flipOf(index % 2 ? "images" : "recommendations") }),
        [],
        newEvent(environment),
      );
      ids.push(flip.id);
    }
    await store().endFlip(ids[3] ?? "", { status: "reverted", at: NOW, by: "user:ada" }, newEvent(environment));
    expect((await store().listLiveFlips(environment)).map((flip) => flip.id)).toEqual(ids.filter((_, index) => index !== 3));
    expect((await store().listLiveFlips()).filter((flip) => flip.environment === environment)).toHaveLength(6);
    const all = await readAll((cursor) => store().listFlips({ environment, limit: 2, ...(cursor === undefined ? {} : { cursor }) }));
    expect(all.map((flip) => flip.id)).toEqual([...ids].reverse());
    const images = await readAll((cursor) =>
      store().listFlips({ environment, subject: flipOf("images"), limit: 1, ...(cursor === undefined ? {} : { cursor }) }),
    );
    expect(images.map((flip) => flip.id)).toEqual([ids[5], ids[3], ids[1]]);
    await expect(store().listFlips({ environment, limit: 1, cursor: "nonsense" })).rejects.toBeInstanceOf(InvalidCursor);
  });

  it("keeps changes of every kind as they were made, and tells their subjects apart", async () => {
    const environment = newEnvironment();
    const decisions = [
      flipOf("payments"),
      { kind: "settings", key: "payments", policy: "retry", body: { policy: "retry", values: { maxAttempts: 2, shadow: true } } },
      { kind: "override", key: "payments", policy: "retry", body: { policy: "retry", state: "disabled" } },
      { kind: "override", key: "payments", policy: "breaker", body: { policy: "breaker", state: "forced_open" } },
      { kind: "fault", key: "payments", policy: null, body: { values: { errorPermille: 500 } } },
    ] as const satisfies readonly Decision[];
    for (const decision of decisions) {
      const { flip } = await store().createFlip(newFlip(environment, { decision }), [], newEvent(environment));
      expect(flip).toMatchObject(decision);
      expect(await store().getFlip(flip.id)).toEqual(flip);
    }
    const revisions = await Promise.all(decisions.map((decision) => store().subjectRevision(environment, decision)));
    expect(revisions).toEqual([1, 3, 3, 4, 5]);
    const found = async (query: Pick<FlipQuery, "subject" | "kind">) =>
      (await store().listFlips({ environment, limit: 10, ...query })).items.map((flip) => flip.revision);
    expect(await found({ subject: decisions[1] })).toEqual([3, 2]);
    expect(await found({ subject: decisions[4] })).toEqual([5]);
    expect(await found({ kind: "override" })).toEqual([4, 3]);
    const late = newFlip(environment, { decision: decisions[1] });
    await expect(store().createFlip(late, [], newEvent(environment), 2)).rejects.toBeInstanceOf(RevisionConflict);
    expect((await store().createFlip(late, [], newEvent(environment), 3)).flip.revision).toBe(6);
  });

  it("keeps the latest receipt of each instance", async () => {
    const environment = newEnvironment();
    const { flip } = await store().createFlip(
      newFlip(environment),
      [{ instanceKey: "a/1", state: "pending", lastRevision: null }],
      newEvent(environment),
    );
    const receipt = (changes: Partial<Receipt>): Receipt => ({
      flipId: flip.id,
      instanceKey: "a/1",
      state: "sent",
      at: NOW + 1,
      roundTripMs: null,
      appliedMs: null,
      reason: null,
      lastRevision: null,
      ...changes,
    });
    const applied = receipt({ state: "applied", at: NOW + 2, roundTripMs: 12.25, appliedMs: 3, lastRevision: 1 });
    await store().saveReceipts([receipt({}), applied, receipt({ instanceKey: "a/2", state: "refused", reason: "no such position" })]);
    expect(await store().listReceipts(flip.id)).toEqual([
      applied,
      receipt({ instanceKey: "a/2", state: "refused", reason: "no such position" }),
    ]);
  });

  it("finds tokens by hash, lists them newest first and counts the revoked ones too", async () => {
    const before = await store().countTokens("api");
    const made = Array.from({ length: 5 }, (_, index) =>
      token({ kind: "api", role: "operator", environment: null, services: [], name: `t-${index}`, expiresAt: NOW + 9 }),
    );
    for (const one of made) await store().createToken(one, newAudit());
    const [first] = made;
    expect(await store().findToken(first?.hash ?? "")).toEqual(first);
    expect(await store().findToken("0".repeat(64))).toBeNull();
    const listed = await readAll((cursor) => store().listTokens({ kind: "api", limit: 2, ...(cursor === undefined ? {} : { cursor }) }));
    expect(listed.slice(0, 5)).toEqual([...made].reverse());
    expect((await store().listTokens({ limit: 1 })).items).toEqual([made[4]]);
    await store().revokeToken(first?.id ?? "", NOW, newAudit());
    expect(await store().countTokens("api")).toBe(before + 5);
  });

  it("writes the audit entry of a token with it, and none when the token cannot be made", async () => {
    const one = token();
    const requestId = newEnvironment();
    await store().createToken(one, newAudit({ action: "token.created", requestId }));
    await expect(store().createToken({ ...token(), hash: one.hash }, newAudit({ requestId }))).rejects.toThrow();
    expect((await store().listAudit({ requestId, limit: 10 })).items.map(({ action }) => action)).toEqual(["token.created"]);
  });

  it("revokes a token once", async () => {
    const one = token();
    await store().createToken(one, newAudit());
    const entry = newAudit({ action: "token.revoked", requestId: newEnvironment() });
    const answers = await Promise.all([store().revokeToken(one.id, NOW + 1, entry), store().revokeToken(one.id, NOW + 2, entry)]);
    expect(answers.filter((answer) => answer !== null)).toEqual([{ ...one, revokedAt: expect.any(Number) }]);
    expect(await store().revokeToken("no-such-token", NOW, entry)).toBeNull();
    expect((await store().listAudit({ requestId: entry.requestId ?? "", limit: 10 })).items).toHaveLength(1);
  });

  it("remembers when a token was last used, never going back", async () => {
    const one = token();
    await store().createToken(one, newAudit());
    await Promise.all([
      store().touchToken(one.id, NOW + 50),
      store().touchToken(one.id, NOW + 20),
      store().touchToken("no-such-token", NOW),
    ]);
    expect((await store().findToken(one.hash))?.lastUsedAt).toBe(NOW + 50);
  });

  it("reserves a key for the first of many callers and shows the others what it answered", async () => {
    const key = newEnvironment();
    const reserve = (principal = "user:ada", fingerprint = "f1") => store().reserveIdempotency(principal, key, fingerprint, NOW);
    const answers = await Promise.all(Array.from({ length: 8 }, () => reserve()));
    expect(answers.filter((answer) => answer === null)).toHaveLength(1);
    expect(answers.filter((answer) => answer !== null)).toEqual(
      Array.from({ length: 7 }, () => ({ fingerprint: "f1", status: null, body: null })),
    );
    expect(await reserve("user:bob")).toBeNull();
    await store().settleIdempotency("user:ada", key, 201, '{"id":"1"}');
    expect(await reserve("user:ada", "f2")).toEqual({ fingerprint: "f1", status: 201, body: '{"id":"1"}' });
  });

  it("frees a reservation without an answer, keeps one with, and sweeps the old", async () => {
    const key = newEnvironment();
    await store().reserveIdempotency("p", key, "f", NOW);
    await store().releaseIdempotency("p", key);
    expect(await store().reserveIdempotency("p", key, "f", NOW)).toBeNull();
    await store().settleIdempotency("p", key, 200, "done");
    await store().releaseIdempotency("p", key);
    await store().sweepIdempotency(NOW);
    expect(await store().reserveIdempotency("p", key, "f", NOW)).toEqual({ fingerprint: "f", status: 200, body: "done" });
    await store().sweepIdempotency(NOW + 1);
    expect(await store().reserveIdempotency("p", key, "f", NOW)).toBeNull();
  });

  it("is healthy and knows its size", async () => {
    expect(await store().healthy()).toBe(true);
    expect(await store().size()).toBeGreaterThan(10_000);
  });
}

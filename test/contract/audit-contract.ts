import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { AUDIT_GENESIS } from "../../protocol/audit.ts";
import { newIncident } from "../../core/incidents/incident.ts";
import { InvalidCursor, type Store } from "../../server/store/store.ts";
import type { AuditEntry } from "../../server/store/audit-entry.ts";
import { batch, newAudit, newEnvironment, newEvent, newFlip, NOW, readAll } from "./samples.ts";

const BEGINNING = { seq: 0, hash: AUDIT_GENESIS };

/** Each test looks only at its own entries, by an environment of its own; the chain is one for all. */
const target = (environment: string, thing = "recommendations") => ({ environment, service: "storefront", thing });

/** The audit log: what every store promises about it. */
export function auditContract(store: () => Store): void {
  const mine = async (environment: string): Promise<readonly AuditEntry[]> =>
    readAll((cursor) => store().listAudit({ environment, limit: 500, order: "asc", ...(cursor === undefined ? {} : { cursor }) }));
  const check = (): Promise<unknown> => store().verifyAudit(BEGINNING, 1_000_000);

  it("gives back an entry as it was appended, with its place in the chain", async () => {
    const environment = newEnvironment();
    const before = await store().auditHead();
    const whole = newAudit({
      target: target(environment),
      before: { position: "personal", nested: [1, null, { deep: true }] },
      after: { words: 'ünï "x" 🎈\nline' },
      incident: 12,
      flipId: randomUUID(),
    });
    const bare = newAudit({
      ...{ target: { environment, service: null, thing: null }, role: null, address: null, requestId: null, after: null, reason: null },
      ...{ outcome: "refused", code: "forbidden", actor: { kind: "unknown", id: null, name: "somebody" } },
    });
    const [first, second] = await store().appendAudit([whole, bare]);
    expect(await mine(environment)).toEqual([first, second]);
    expect(first).toEqual({ ...whole, seq: (before?.seq ?? 0) + 1, previous: before?.hash ?? AUDIT_GENESIS, hash: expect.any(String) });
    expect(second).toEqual({ ...bare, seq: (first?.seq ?? 0) + 1, previous: first?.hash, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(await store().auditHead()).toEqual(second);
    expect(await store().appendAudit([])).toEqual([]);
  });

  it("puts a hundred entries that come at once behind one another, without a gap", async () => {
    const environment = newEnvironment();
    const from = (await store().auditHead())?.seq ?? 0;
    const pour = Array.from({ length: 100 }, (_, index) =>
      index % 4 === 0
        ? store().createFlip(newFlip(environment), [], newEvent(environment, { audit: newAudit({ target: target(environment) }) }))
        : store().appendAudit([newAudit({ target: target(environment) })]),
    );
    await Promise.all([...pour, ...Array.from({ length: 20 }, (_, seq) => store().appendAgentEvents([batch(environment, [seq + 1])]))]);
    const entries = await mine(environment);
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, index) => from + index + 1));
    expect(await check()).toMatchObject({ last: { seq: from + 100 }, fault: null, done: true });
  });

  it("writes what goes with a change in the transaction of the change, with its revision, and tells it to nobody", async () => {
    const environment = newEnvironment();
    const flip = newFlip(environment);
    const audit = newAudit({ target: target(environment), flipId: flip.id });
    const made = await store().createFlip(flip, [], newEvent(environment, { audit }), 0);
    expect(made.event).not.toHaveProperty("audit");
    await expect(store().createFlip(newFlip(environment), [], newEvent(environment, { audit }), 0)).rejects.toThrow();
    const end = { status: "reverted" as const, at: NOW, by: "user:ada" };
    const ended = newAudit({ ...audit, action: "flip.reverted", after: null });
    await store().endFlip(flip.id, end, newEvent(environment, { audit: ended }));
    expect(await store().endFlip(flip.id, end, newEvent(environment, { audit: ended }))).toBeNull();
    expect((await mine(environment)).map(({ action, after }) => [action, after])).toEqual([
      ["flip.created", { position: "popular", revision: 1 }],
      ["flip.reverted", { revision: 2 }],
    ]);
    expect((await store().listEvents({ environment, limit: 10 })).items.every((event) => !("audit" in event))).toBe(true);
  });

  it("tells the entry of a new incident its number", async () => {
    const environment = newEnvironment();
    const incident = newIncident({
      ...{ id: randomUUID(), environment, title: "payments", severity: 2, startedAt: NOW, detectedAt: NOW, detectedBy: "user:ada" },
    });
    const audit = newAudit({ action: "incident.opened", target: target(environment) });
    await store().commitIncidents([incident], [newEvent(environment, { audit, data: { incidentId: incident.id } })]);
    expect(await mine(environment)).toMatchObject([{ action: "incident.opened", incident: 1 }]);
  });

  it("lists newest first in pages, by everything an entry can be looked for by", async () => {
    const environment = newEnvironment();
    const requestId = randomUUID();
    const flipId = randomUUID();
    await store().appendAudit([
      newAudit({ target: target(environment), at: NOW + 1, action: "auth.denied", outcome: "refused", code: "forbidden" }),
      newAudit({ target: target(environment), at: NOW + 2, actor: { kind: "token", id: "t1", name: "deploys" }, source: "api" }),
      newAudit({ target: { ...target(environment), service: "orders" }, at: NOW + 3, requestId, reason: "100% of_them are SLOW" }),
      newAudit({ target: target(environment, "images"), at: NOW + 4, action: "auth.signed_in", flipId }),
    ]);
    const found = async (query: object): Promise<number[]> =>
      (await readAll((cursor) => store().listAudit({ environment, limit: 1, ...query, ...(cursor === undefined ? {} : { cursor }) }))).map(
        ({ at }) => at - NOW,
      );
    expect(await found({})).toEqual([4, 3, 2, 1]);
    expect(await found({ order: "asc" })).toEqual([1, 2, 3, 4]);
    expect(await found({ actor: "deploys" })).toEqual([2]);
    expect(await found({ actor: "token:deploys" })).toEqual([2]);
    expect(await found({ actor: "user:deploys" })).toEqual([]);
    expect(await found({ action: "auth." })).toEqual([4, 1]);
    expect(await found({ action: "auth.denied" })).toEqual([1]);
    expect(await found({ service: "orders" })).toEqual([3]);
    expect(await found({ target: "images" })).toEqual([4]);
    expect(await found({ outcome: "refused" })).toEqual([1]);
    expect(await found({ requestId })).toEqual([3]);
    expect(await found({ flipId })).toEqual([4]);
    expect(await found({ from: NOW + 2, to: NOW + 3 })).toEqual([3, 2]);
    expect(await found({ text: "are slow" })).toEqual([4, 3, 2, 1]);
    expect(await found({ text: "100% of_THEM" })).toEqual([3]);
    expect(await found({ text: "10_%" })).toEqual([]);
    expect(await found({ text: "forbidden", outcome: "refused" })).toEqual([1]);
    const [oldest] = await mine(environment);
    expect(await found({ upTo: (oldest?.seq ?? 0) + 1 })).toEqual([2, 1]);
    await expect(store().listAudit({ limit: 2, cursor: "nonsense" })).rejects.toBeInstanceOf(InvalidCursor);
  });

  it("follows the chain step by step, and from an entry that was noted", async () => {
    await store().appendAudit([newAudit(), newAudit(), newAudit()]);
    const head = await store().auditHead();
    if (!head) throw new Error("there is one");
    let place = BEGINNING;
    for (let steps = 0; ; steps++) {
      const step = await store().verifyAudit(place, 7);
      expect(step.fault).toBeNull();
      if (step.done) break;
      expect(step.last.seq).toBe(place.seq + 7);
      place = step.last;
    }
    const noted = { seq: head.seq, hash: head.hash };
    expect(await store().verifyAudit(noted, 10)).toEqual({ last: noted, fault: null, done: true });
    const other = { seq: head.seq, hash: "f".repeat(64) };
    expect(await store().verifyAudit(other, 10)).toEqual({ last: other, fault: { seq: head.seq, what: "replaced" }, done: true });
    const beyond = { seq: head.seq + 5, hash: head.hash };
    expect((await store().verifyAudit(beyond, 10)).fault).toEqual({ seq: head.seq + 1, what: "missing" });
  });

  it("keeps no secrets, no endless texts, and nothing that reads back differently", async () => {
    const environment = newEnvironment();
    const secret = `hfp_${"Ab1".repeat(16)}x`;
    await store().appendAudit([
      newAudit({
        target: target(environment, `half \ud83c and nul \0 and ${"long ".repeat(200)}`),
        reason: `leaked ${secret}, Bearer ${"s3cr3t".repeat(4)}, holdfast=${"c00k1e".repeat(4)}`,
        before: {
          password: "correct horse",
          apiToken: "x9",
          nested: { "set-cookie": "holdfast=1", token: secret, authorization: "Basic abcdef" },
        },
        after: { many: Array.from({ length: 2_000 }, (_, index) => `value ${index}`) },
      }),
    ]);
    const [entry] = await mine(environment);
    const text = JSON.stringify(entry);
    for (const part of ["Ab1Ab1Ab1Ab1", "s3cr3t", "c00k1e", "correct horse", "x9", 'abcdef"']) expect(text).not.toContain(part);
    expect(entry?.reason).toContain("hfp_Ab1Ab1Ab");
    expect(text.length).toBeLessThan(6_000);
    expect(await check()).toMatchObject({ fault: null });
  });
}

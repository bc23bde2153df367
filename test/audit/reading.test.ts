/** Reading the audit log over the HTTP API: lists, exports, the head, and the check. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditCheckSchema, auditPageSchema, type AuditEntry } from "../../protocol/audit-api.ts";
import { csvCell } from "../../server/audit/audit-csv.ts";
import { newAudit } from "../contract/samples.ts";
import { startTestApi, type TestApi } from "../support/test-api.ts";

const EVIL = ['=HYPERLINK("http://evil.example.com")', "+1", "-1", "@SUM(A1)", "\tx", "a,b", 'say "x"', "two\r\nlines"];
const COUNT = 1_203;

let api: TestApi;
let admin: string;
beforeAll(async () => {
  api = await startTestApi();
  admin = await api.token("admin");
  await api.store.appendAudit(
    Array.from({ length: COUNT }, (_, index) => newAudit({ reason: EVIL[index % EVIL.length] ?? "", requestId: `r${index}` })),
  );
});
afterAll(() => api.stop());

const get = (path: string) => api.call("GET", `/api/v1/audit${path}`, { as: admin });

/** Rows of RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

describe("the audit log over the API", () => {
  it("comes in pages, newest first, and each entry once", async () => {
    const seqs: number[] = [];
    let cursor = "";
    do {
      const page = auditPageSchema.parse((await get(`?limit=500${cursor}`)).json);
      seqs.push(...page.items.map(({ seq }) => seq));
      cursor = page.nextCursor === null ? "" : `&cursor=${page.nextCursor}`;
    } while (cursor !== "");
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => seqs.length - index));
    expect(seqs.length).toBeGreaterThan(COUNT);
    expect((await get("?limit=1&upTo=7")).json.items).toMatchObject([{ seq: 7 }]);
    expect((await get("?cursor=nonsense")).json.code).toBe("cursor_invalid");
    expect((await get("?outcome=perhaps")).json.code).toBe("request_invalid");
  });

  it("is exported whole as JSON, with the head it had", async () => {
    const answer = await get("/export?format=json");
    const { head, entries } = answer.json as { head: { seq: number; hash: string }; entries: AuditEntry[] };
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: head.seq }, (_, index) => index + 1));
    expect(entries.at(-1)?.hash).toBe(head.hash);
    expect(answer.headers.get("x-holdfast-audit-head")).toBe(`${head.seq}:${head.hash}`);
    expect(answer.headers.get("content-disposition")).toBe(`attachment; filename="holdfast-audit-${head.seq}.json"`);
  });

  it("is exported as CSV that no spreadsheet runs, by the same filters", async () => {
    const { text, headers } = await get("/export?format=csv&text=EVIL.example");
    expect(headers.get("content-type")).toContain("text/csv");
    const [names = [], ...rows] = parseCsv(text);
    const reason = names.indexOf("reason");
    expect(rows.length).toBe(Math.ceil(COUNT / EVIL.length));
    expect(new Set(rows.map((row) => row[reason]))).toEqual(new Set([`'${EVIL[0] ?? ""}`]));
    const all = parseCsv((await get("/export?format=csv&actor=Ada")).text).slice(1);
    expect(all.slice(0, EVIL.length).map((row) => row[reason]?.replace(/^'/, ""))).toEqual(EVIL);
    expect(all.every((row) => row.length === names.length)).toBe(true);
  });

  it("makes no cell that begins as a formula, whatever the text, and loses nothing of it", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.constantFrom(...EVIL),
          fc.string().map((text) => `=${text}`),
        ),
        (text) => {
          const cell = csvCell(text);
          const [[read = ""] = []] = parseCsv(`${cell}\r\n`);
          expect(read).not.toMatch(/^[=+\-@\t\r\n]/);
          expect([text, `'${text}`]).toContain(read);
        },
      ),
    );
  });

  it("says its head, and checks itself step by step", async () => {
    const head = (await get("/head")).json;
    let place = "";
    const seen: number[] = [];
    for (;;) {
      const check = auditCheckSchema.parse((await get(`/verify?limit=500${place}`)).json);
      expect(check.fault).toBeNull();
      seen.push(check.to);
      place = `&after=${check.to}&hash=${check.hash}`;
      if (check.done) break;
    }
    expect(seen).toEqual([500, 1_000, head.seq]);
    expect((await get(`/verify?after=${head.seq}&hash=${"0".repeat(64)}`)).json.fault).toEqual({ seq: head.seq, what: "replaced" });
    expect((await get(`/verify?after=${Number(head.seq) + 3}&hash=${head.hash}`)).json.fault).toEqual({
      seq: Number(head.seq) + 1,
      what: "missing",
    });
    expect((await get("/verify?after=3")).json.code).toBe("request_invalid");
  });

  it("ends an export that nobody reads any more", async () => {
    const control = new AbortController();
    const answer = await fetch(`${api.url}/api/v1/audit/export`, { headers: { authorization: `Bearer ${admin}` }, signal: control.signal });
    const reader = answer.body?.getReader();
    await reader?.read();
    control.abort();
    await expect(reader?.read()).rejects.toThrow();
    expect((await get("/head")).status).toBe(200);
  });
});

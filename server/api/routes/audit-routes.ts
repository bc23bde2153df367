/** The audit log: read, export, and check that nothing of it was changed. For administrators: it holds addresses and mistyped names. */
import { Readable } from "node:stream";
import { z } from "@hono/zod-openapi";
import { auditCheckSchema, auditHeadSchema, auditPageSchema } from "../../../protocol/audit-api.ts";
import { AUDIT_GENESIS, AUDIT_OUTCOMES } from "../../../protocol/audit.ts";
import { exportAudit } from "../../audit/audit-export.ts";
import { ApiError } from "../../errors.ts";
import type { AuditEntry } from "../../store/audit-entry.ts";
import type { ApiDeps } from "../api-deps.ts";
import { answers, secured, type Api } from "../http.ts";
import { pageQuery, timeParam } from "../query-schemas.ts";

const PATH = "/api/v1/audit";
/** Entries recomputed by one request: tens of milliseconds. */
const STEP_MOST = 5_000;

const seq = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const words = z.string().min(1).max(300);
const filterShape = {
  actor: words.describe("A name, or kind:name").optional(),
  action: words.describe("Exact, or a prefix ending in a dot: auth.").optional(),
  environment: words.optional(),
  service: words.optional(),
  target: words.describe("What it was done to, exactly").optional(),
  outcome: z.enum(AUDIT_OUTCOMES).optional(),
  request: words.describe("Id of the request").optional(),
  flip: words.describe("Id of the change").optional(),
  from: timeParam.optional(),
  to: timeParam.optional(),
  text: words.describe("Anywhere in an entry").optional(),
};
const filterQuery = z.object(filterShape);

const listEntries = secured("admin", {
  method: "get",
  path: PATH,
  summary: "Who did what, newest first",
  request: { query: z.object({ ...filterShape, ...pageQuery.shape, upTo: seq.describe("Only this entry and older ones").optional() }) },
  responses: { 200: answers("One page", auditPageSchema) },
});
const exportEntries = secured("admin", {
  method: "get",
  path: `${PATH}/export`,
  summary: "All of it, or what fits the filter, oldest first, as a file; X-Holdfast-Audit-Head has sequence and hash of the last entry",
  request: { query: filterQuery.extend({ format: z.enum(["csv", "json"]).default("csv") }) },
  responses: {
    200: { description: "The file", content: { "text/csv": { schema: z.string() }, "application/json": { schema: z.unknown() } } },
  },
});
const getHead = secured("admin", {
  method: "get",
  path: `${PATH}/head`,
  summary: "The last entry's sequence and hash. Note it elsewhere: with it, a log that was cut off shows",
  responses: { 200: answers("The head", auditHeadSchema) },
});
const verifyEntries = secured("admin", {
  method: "get",
  path: `${PATH}/verify`,
  summary:
    "Recompute hashes after an entry, the beginning unless said otherwise, some at a time; go on from what it answers until it is done",
  request: {
    query: z.object({
      after: seq.default(0),
      hash: z
        .string()
        .regex(/^[0-9a-f]{64}$/, "the hash of that entry, as it was noted")
        .optional(),
      limit: z.coerce.number().int().min(1).max(STEP_MOST).default(STEP_MOST),
    }),
  },
  responses: { 200: answers("How far it fits", auditCheckSchema) },
});

type Filter = z.infer<typeof filterQuery>;

/** Without what was not asked for. */
function filterOf({ request, flip, ...rest }: Filter) {
  const given = Object.entries({ ...rest, requestId: request, flipId: flip }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof Omit<Filter, "request" | "flip">]?: Exclude<Filter[K], undefined> };
}

const shown = (entry: AuditEntry) => ({ ...entry, before: entry.before && { ...entry.before }, after: entry.after && { ...entry.after } });

export function auditRoutes(app: Api, { store, clock, log }: Pick<ApiDeps, "store" | "clock" | "log">): void {
  app.openapi(listEntries, async (c) => {
    const { cursor, limit, upTo, ...filter } = c.req.valid("query");
    const page = { limit, ...(cursor === undefined ? {} : { cursor }), ...(upTo === undefined ? {} : { upTo }) };
    const { items, nextCursor } = await store.listAudit({ ...filterOf(filter), ...page });
    return c.json({ items: items.map(shown), nextCursor }, 200);
  });

  app.openapi(exportEntries, async (c) => {
    const { format, ...filter } = c.req.valid("query");
    const head = await store.auditHead();
    const text = Readable.from(exportAudit(store, { format, filter: filterOf(filter), head }), { objectMode: true });
    const requestId = c.get("requestId");
    text.on("error", (error) => log.error({ err: error, requestId }, "an export of the audit log was cut off"));
    return c.body(Readable.toWeb(text.map((part: string) => Buffer.from(part))) as ReadableStream, 200, {
      "content-type": format === "csv" ? "text/csv; charset=utf-8; header=present" : "application/json",
      "content-disposition": `attachment; filename="holdfast-audit-${head?.seq ?? 0}.${format}"`,
      "x-holdfast-audit-head": `${head?.seq ?? 0}:${head?.hash ?? AUDIT_GENESIS}`,
      // Sent as it is read: packing it would need all of it first.
      "content-encoding": "identity",
    });
  });

  app.openapi(getHead, async (c) => {
    const head = await store.auditHead();
    return c.json({ seq: head?.seq ?? 0, hash: head?.hash ?? AUDIT_GENESIS, at: head?.at ?? null }, 200);
  });

  app.openapi(verifyEntries, async (c) => {
    const { after, hash = after === 0 ? AUDIT_GENESIS : undefined, limit } = c.req.valid("query");
    if (hash === undefined)
      throw new ApiError("request_invalid", { errors: [{ path: "hash", message: "say the hash of the entry to go on from" }] });
    const { last, fault, done } = await store.verifyAudit({ seq: after, hash }, limit);
    return c.json({ from: after, to: last.seq, hash: last.hash, fault, done, at: clock.now() }, 200);
  });
}

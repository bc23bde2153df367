/** Changes of an incident that meet other changes. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { EMPTY_REVIEW } from "../../../core/incidents/incident.ts";
import type { IncidentAnswer } from "../../../protocol/incident-api.ts";
import { ProblemError } from "../../../ui/api/client.ts";
import { changeCarefully, ChangedMeanwhile } from "../../../ui/screens/incidents/use-incident-acts.ts";

const seen = {
  id: "i1",
  version: 1,
  title: "a",
  severity: 3,
  status: "open",
  assignee: null,
  review: EMPTY_REVIEW,
} as unknown as IncidentAnswer;

/** A console whose incident somebody changes before each of our tries. */
function consoleWith(steps: readonly Partial<IncidentAnswer>[]) {
  let stored = seen;
  const sent: unknown[] = [];
  let turn = 0;
  vi.stubGlobal("fetch", async (_path: string, { method, body }: { method: string; body?: string }) => {
    if (method === "GET") return Response.json(stored);
    const change = steps[turn++];
    if (change) stored = { ...stored, ...change, version: stored.version + 1 };
    const { expectedVersion, ...wish } = JSON.parse(body ?? "{}") as { expectedVersion: number };
    sent.push(expectedVersion);
    if (expectedVersion !== stored.version) return Response.json({ code: "incident_conflict", status: 409 }, { status: 409 });
    return Response.json((stored = { ...stored, ...wish, version: stored.version + 1 }));
  });
  return sent;
}

afterEach(() => void vi.unstubAllGlobals());

describe("a change of an incident", () => {
  it("goes through at once when nobody was faster", async () => {
    const sent = consoleWith([]);
    expect(await changeCarefully({ wish: { title: "mine" }, seen })).toMatchObject({ title: "mine", version: 2 });
    expect(sent).toEqual([1]);
  });

  it("is sent again by itself while what others change has nothing to do with it", async () => {
    const sent = consoleWith([{ severity: 2 }, { assignee: "grace" }]);
    expect(await changeCarefully({ wish: { title: "mine" }, seen })).toMatchObject({ title: "mine", severity: 2, assignee: "grace" });
    expect(sent).toEqual([1, 2, 3]);
  });

  it("is not written over somebody else's word: both are told", async () => {
    consoleWith([{ title: "theirs" }]);
    const refused: unknown = await changeCarefully({ wish: { title: "mine" }, seen }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ChangedMeanwhile);
    expect(refused).toMatchObject({ differences: [{ theirs: "theirs", mine: "mine" }], current: { title: "theirs", version: 2 } });
  });

  it("gives up with the console's own words when others never stop", async () => {
    const sent = consoleWith(Array.from({ length: 20 }, (_, index) => ({ severity: index % 2 === 0 ? 2 : 3 })));
    await expect(changeCarefully({ wish: { title: "mine" }, seen })).rejects.toBeInstanceOf(ProblemError);
    expect(sent).toHaveLength(5);
  });
});

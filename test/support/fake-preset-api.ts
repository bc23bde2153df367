/** The ladder, presets and sets of changes over the invented fleet: places and presets of a small shop, sets that really flip its switches. */
import type { FlipAnswer, SwitchAnswer } from "../../protocol/api.ts";
import type { ChangeSetAnswer, ChangeSetPreview, ChangeSetRequest } from "../../protocol/change-set-api.ts";
import type { PlaceAnswer, PlaceRequest } from "../../protocol/ladder-api.ts";
import type { PresetAnswer, PresetRequest } from "../../protocol/preset-api.ts";

const DAY = 86_400_000;

/** What the other part of the fake knows and does. */
export interface FakeBoard {
  readonly switches: () => readonly SwitchAnswer[];
  readonly flips: readonly FlipAnswer[];
  readonly flip: (key: string, body: Record<string, unknown>) => FlipAnswer;
  readonly search: URLSearchParams;
  readonly body: Record<string, unknown>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const places = new Map<string, PlaceAnswer>();
const presets = new Map<string, PresetAnswer>();
const sets: ChangeSetAnswer[] = [];

function placeOf({ key, positions }: SwitchAnswer, index: number): PlaceAnswer {
  const known = places.get(key);
  if (known) return known;
  const position = positions[1] ?? "";
  const proven = [
    { at: Date.now() - 12 * DAY, flipId: "f-old", drill: true },
    null,
    { at: Date.now() - 140 * DAY, flipId: "f-older", drill: false },
  ];
  const place: PlaceAnswer = {
    key,
    capability: ["Discovery", "Storefront", null][index % 3] ?? null,
    steps: index > 2 ? [] : [{ level: 1 + (index % 3), position }],
    version: 1,
    updatedAt: Date.now() - 30 * DAY,
    updatedBy: "user:a.novak",
    proven: proven[index % 3] ?? null,
  };
  places.set(key, place);
  return place;
}

function firstPresets(switches: readonly SwitchAnswer[]): void {
  if (presets.size > 0) return;
  const at = Date.now() - 9 * DAY;
  const items = switches.map(({ key, positions }) => ({ kind: "switch" as const, key, position: positions[1] ?? "" }));
  const kept = {
    environment: "production",
    version: 1,
    createdAt: at,
    createdBy: "user:a.novak",
    updatedAt: at,
    updatedBy: "user:a.novak",
  };
  presets.set("p-1", { ...kept, id: "p-1", name: "Black Friday shed", note: "Checkout is slow and the queue grows", items });
  presets.set("p-2", {
    ...kept,
    id: "p-2",
    name: "Database down",
    note: "The catalog database does not answer",
    items: [...items.slice(0, 1), { kind: "settings", name: "payments", policy: "timeout", values: { attemptMs: 300 } }],
  });
}

function look(switches: readonly SwitchAnswer[], { items = [] }: Partial<ChangeSetRequest>): ChangeSetPreview["items"] {
  return items.map((item) => {
    const found = item.kind === "switch" ? switches.find(({ key }) => key === item.key) : undefined;
    return {
      kind: item.kind,
      key: item.kind === "switch" ? item.key : item.name,
      policy: item.kind === "switch" ? null : item.policy,
      targeted: found?.instances.total ?? 3,
      live: found?.instances.total ?? 3,
      absent: 0,
      refusals: 0,
      revision: found?.revision ?? 0,
      flipId: item.flipId ?? "0123456789abcdef",
      already: item.kind === "switch" && found?.desired === item.position,
      now: item.kind === "switch" ? (found?.desired ?? "") : "attemptMs 1000",
      problem: null,
    };
  });
}

function make(board: FakeBoard): ChangeSetAnswer {
  const { title, reason, items = [], ends = [], purpose } = board.body as unknown as ChangeSetRequest;
  const made = items.flatMap((item) => (item.kind === "switch" ? [board.flip(item.key, { ...item, reason })] : []));
  for (const flip of made) if (purpose !== undefined) flip.purpose = purpose;
  const ended = board.flips.filter(({ id }) => ends.includes(id));
  for (const flip of ended) Object.assign(flip, { status: "reverted", endedAt: Date.now(), endedBy: "user:m.ito" });
  const set = {
    id: `set-${String(sets.length + 1)}`,
    environment: "production",
    title,
    reason,
    author: "user:m.ito",
    createdAt: Date.now(),
  };
  sets.unshift({ ...set, undoneBy: null, made, ended });
  return sets[0] as ChangeSetAnswer;
}

function undo(id: string): Answer {
  const set = sets.find((candidate) => candidate.id === id);
  if (!set) return { status: 404, body: { code: "change_set_unknown", title: "No such set of changes", detail: "" } };
  for (const flip of set.made) Object.assign(flip, { status: "reverted", endedAt: Date.now() });
  for (const flip of set.ended) Object.assign(flip, { status: "live", endedAt: null });
  set.undoneBy = "set-undo";
  return { status: 201, body: { ...set, id: "set-undo", made: set.ended, ended: set.made, left: [] } };
}

function keep(id: string, { name, note = "", items }: PresetRequest): PresetAnswer {
  const before = presets.get(id);
  const now = Date.now();
  const by = { updatedAt: now, updatedBy: "user:m.ito" };
  const made = { createdAt: before?.createdAt ?? now, createdBy: before?.createdBy ?? "user:m.ito" };
  const preset = { ...made, ...by, id, environment: "production", name, note, items, version: (before?.version ?? 0) + 1 };
  presets.set(id, preset);
  return preset;
}

/** Null when the path is about something else. */
export function answerPlans(method: string, path: string, board: FakeBoard): Answer | null {
  const [part = "", id = "", act = ""] = path.split("/").slice(1).map(decodeURIComponent);
  const page = (items: readonly unknown[]): Answer => ({ status: 200, body: { items, nextCursor: null } });
  const switches = board.switches();
  switch (`${method} ${part}`) {
    case "GET ladder":
      return page(switches.map(placeOf));
    case "PUT ladder": {
      const { capability, steps, expectedVersion } = board.body as unknown as PlaceRequest;
      const index = switches.findIndex(({ key }) => key === id);
      const before = placeOf(switches[index] as SwitchAnswer, index);
      const place = { ...before, capability, steps, version: expectedVersion + 1, updatedAt: Date.now(), updatedBy: "user:m.ito" };
      places.set(id, place);
      return { status: 200, body: place };
    }
    case "GET presets":
      firstPresets(switches);
      return page([...presets.values()].sort((a, b) => (a.name < b.name ? -1 : 1)));
    case "POST presets":
      return { status: 201, body: keep(`p-${String(presets.size + 1)}`, board.body as unknown as PresetRequest) };
    case "PUT presets":
      return { status: 200, body: keep(id, board.body as unknown as PresetRequest) };
    case "DELETE presets":
      presets.delete(id);
      return { status: 200, body: { id } };
    case "GET changes":
      return id === "" ? page(board.flips.filter(({ status }) => status === (board.search.get("status") ?? status))) : null;
    case "GET change-sets":
      return id === "" ? page(sets) : { status: 200, body: sets.find((set) => set.id === id) };
    case "POST change-sets":
      if (act === "undo") return undo(id);
      if (id !== "preview") return { status: 201, body: make(board) };
      return {
        status: 200,
        body: {
          items: look(switches, board.body),
          ends: board.flips.filter((flip) => (board.body["ends"] as string[]).includes(flip.id)),
        },
      };
    default:
      return null;
  }
}

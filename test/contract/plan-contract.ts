import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import type { Preset, SwitchPlace } from "../../server/store/plan-store.ts";
import type { Store } from "../../server/store/store.ts";
import { newAudit, newEnvironment, newEvent, newFlip, NOW } from "./samples.ts";

const presetOf = (environment: string, changes: Partial<Preset> = {}): Preset => ({
  ...{ id: randomUUID(), environment, name: "Black Friday shed 🎈", note: "the queue grows", version: 0 },
  items: [
    { kind: "switch", key: "search", position: "browse", scope: { service: "catalog" } },
    { kind: "settings", name: "payments", policy: "timeout", values: { attemptMs: 300 } },
  ],
  ...{ createdAt: NOW, createdBy: "user:ada", updatedAt: NOW, updatedBy: "user:ada" },
  ...changes,
});

/** Places of switches, presets, and what a change was made for: what every store promises about them. */
export function planContract(store: () => Store): void {
  const audits = async (environment: string) =>
    (await store().listAudit({ environment, limit: 20 })).items.map(({ action }) => action).reverse();
  const audit = (environment: string, action: "preset.created" | "preset.changed" | "preset.deleted" | "ladder.changed") =>
    newAudit({ action, target: { environment, service: null, thing: "it" } });

  it("keeps presets by name, each edit with its audit entry, and refuses an edit of what is no longer there as it was", async () => {
    const environment = newEnvironment();
    const wished = presetOf(environment);
    const first = { ...wished, version: 1 };
    expect(await store().putPreset(wished, audit(environment, "preset.created"))).toEqual(first);
    const other = presetOf(environment, { name: "A database is down", note: "" });
    await store().putPreset(other, audit(environment, "preset.created"));
    expect((await store().listPresets(environment)).map(({ name }) => name)).toEqual(["A database is down", "Black Friday shed 🎈"]);
    expect(await store().listPresets(newEnvironment())).toEqual([]);

    const edit = { ...first, note: "later", updatedAt: NOW + 5 };
    expect(await store().putPreset(edit, audit(environment, "preset.changed"))).toEqual({ ...edit, version: 2 });
    expect(await store().putPreset(edit, audit(environment, "preset.changed"))).toEqual({ refused: "version", current: 2 });
    const taken = presetOf(environment, { name: other.name });
    expect(await store().putPreset(taken, audit(environment, "preset.created"))).toEqual({ refused: "name" });
    expect(await store().getPreset(taken.id)).toBeNull();

    expect(await store().deletePreset(first.id, 1, audit(environment, "preset.deleted"))).toEqual({ refused: "version", current: 2 });
    expect(await store().deletePreset(first.id, 2, audit(environment, "preset.deleted"))).toBeNull();
    expect(await store().deletePreset(first.id, 2, audit(environment, "preset.deleted"))).toEqual({ refused: "version", current: 0 });
    expect(await audits(environment)).toEqual(["preset.created", "preset.created", "preset.changed", "preset.deleted"]);
  });

  it("keeps one place for each switch of an environment, and refuses whoever looked at another one", async () => {
    const environment = newEnvironment();
    const place: SwitchPlace = {
      ...{ environment, key: "search", capability: "Discovery", version: 0, updatedAt: NOW, updatedBy: "user:ada" },
      steps: [{ level: 2, position: "browse" }],
    };
    expect(await store().putSwitchPlace(place, audit(environment, "ladder.changed"))).toEqual({ ...place, version: 1 });
    expect(await store().putSwitchPlace(place, audit(environment, "ladder.changed"))).toEqual({ refused: "version", current: 1 });
    const moved = { ...place, capability: null, steps: [], version: 1 };
    await store().putSwitchPlace(moved, audit(environment, "ladder.changed"));
    await store().putSwitchPlace({ ...place, key: "images" }, audit(environment, "ladder.changed"));
    expect(await store().listSwitchPlaces(environment)).toEqual([
      { ...place, key: "images", version: 1 },
      { ...moved, version: 2 },
    ]);
    expect(await audits(environment)).toHaveLength(3);
  });

  it("remembers what a change was made for, and lists what is in force alone", async () => {
    const environment = newEnvironment();
    const drill = { ...newFlip(environment), purpose: "drill" as const };
    await store().createFlip(drill, [], newEvent(environment));
    const plain = newFlip(environment);
    await store().createFlip(plain, [], newEvent(environment));
    expect(await store().getFlip(drill.id)).toMatchObject({ purpose: "drill" });
    expect(await store().getFlip(plain.id)).not.toHaveProperty("purpose");
    await store().endFlip(plain.id, { status: "reverted", at: NOW, by: "user:ada" }, newEvent(environment));
    const { items } = await store().listFlips({ environment, status: "live", limit: 10 });
    expect(items.map(({ id }) => id)).toEqual([drill.id]);
  });
}

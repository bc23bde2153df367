import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenStore, openStore, type OpenStoreOptions } from "../../server/store/open-store.ts";
import { type Store, StoreUnavailable } from "../../server/store/store.ts";
import { auditContract } from "./audit-contract.ts";
import { eventContract } from "./event-contract.ts";
import { incidentContract } from "./incident-contract.ts";
import { planContract } from "./plan-contract.ts";
import { notifyContract } from "./notify-contract.ts";
import { policyContract } from "./policy-contract.ts";
import { replayContract } from "./replay-contract.ts";
import { batch, newEnvironment } from "./samples.ts";
import { tierContract } from "./tier-contract.ts";

/** Where a store under test lives. Opening twice in a row must lead to the same data. */
export interface StorePlace {
  readonly options: OpenStoreOptions;
  readonly remove: () => Promise<void>;
}

/** Everything the port promises, run against one adapter. */
export function storeContract(name: string, makePlace: () => Promise<StorePlace>): void {
  describe(`a store on ${name}`, () => {
    let place: StorePlace;
    let opened: OpenStore;
    const store = (): Store => opened.store;

    beforeAll(async () => {
      place = await makePlace();
      opened = await openStore(place.options);
    });
    afterAll(async () => {
      await opened.store.close();
      await place.remove();
    });

    eventContract(store);
    policyContract(store);
    planContract(store);
    incidentContract(store);
    tierContract(store);
    replayContract(store);
    auditContract(store);
    notifyContract(store);

    it("gives the auth library a client on the same database", async () => {
      const { authDb } = opened;
      const at = new Date(1_750_000_000_123);
      const email = `${newEnvironment()}@example.com`;
      const id = newEnvironment();
      await authDb.user.create({ data: { id, name: "Ada", email, role: "admin", createdAt: at, updatedAt: at } });
      await authDb.session.create({
        data: { id, token: id, userId: id, expiresAt: at, createdAt: at, updatedAt: at, impersonatedBy: null },
      });
      await authDb.account.create({
        data: { id, accountId: id, providerId: "credential", userId: id, password: "x", createdAt: at, updatedAt: at },
      });
      const found = await authDb.user.findUnique({ where: { email }, include: { sessions: true } });
      expect(found).toMatchObject({ id, role: "admin", banned: false, banExpires: null, emailVerified: false, createdAt: at });
      expect(found?.sessions[0]?.expiresAt).toEqual(at);
      await authDb.user.delete({ where: { id } });
      expect(await authDb.session.count({ where: { userId: id } })).toBe(0);
    });

    it("lets the auth library write while events pour in", async () => {
      const environment = newEnvironment();
      const at = new Date();
      const pour = Promise.all(Array.from({ length: 200 }, (_, seq) => opened.store.appendAgentEvents([batch(environment, [seq + 1])])));
      const ids = Array.from({ length: 20 }, newEnvironment);
      await Promise.all(
        ids.map((id) =>
          opened.authDb.verification.create({
            data: { id, identifier: environment, value: "v", expiresAt: at, createdAt: at, updatedAt: at },
          }),
        ),
      );
      await pour;
      expect(await opened.authDb.verification.count({ where: { identifier: environment } })).toBe(20);
      expect(await opened.store.lastEventSeq({ environment, service: "orders", instance: "orders-1", boot: "boot-a" })).toBe(200);
    });

    it("writes what was asked before closing, refuses what comes after, and has everything when opened again", async () => {
      const environment = newEnvironment();
      const last = opened.store.appendAgentEvents([batch(environment, [1, 2, 3])]);
      await Promise.all([opened.store.close(), last]);
      await opened.store.close();
      await expect(opened.store.appendAgentEvents([batch(environment, [4])])).rejects.toBeInstanceOf(StoreUnavailable);
      expect(await opened.store.healthy()).toBe(false);
      opened = await openStore(place.options);
      const { items } = await opened.store.listEvents({ environment, limit: 10 });
      expect(items).toHaveLength(3);
    });
  });
}

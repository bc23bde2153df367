/** Charges cards over a few connections to the card network. A charge is made once for an order, however often it is asked for. */
import { pipeline } from "@holdfast/agent/resilience";
import { Database } from "../kit/database.ts";
import { json, jsonBody, Router } from "../kit/router.ts";
import type { Service, ServiceContext } from "../kit/service-context.ts";
import type { ChargeAnswer } from "./contracts.ts";
import { oneText } from "./text-list.ts";

const DECLINED_SHARE = 0.02;
const KEPT_CHARGES = 5_000;

export function startPayments(context: ServiceContext): Service {
  const network = new Database(context, { name: "card-network", connections: 20, typicalMs: 60 });
  const cards = pipeline("card-network", {
    target: "card-network",
    timeout: { attemptMs: 6_000, totalMs: 6_000 },
    breaker: { minimumCalls: 10, openMs: 5_000 },
    bulkhead: { maxConcurrent: 20, maxQueue: 20, maxWaitMs: 1_000 },
  });
  const charges = new Map<string, ChargeAnswer>();
  const charge = (order: string): ChargeAnswer => {
    const earlier = charges.get(order);
    if (earlier !== undefined) return earlier;
    const made: ChargeAnswer = { outcome: context.random() < DECLINED_SHARE ? "declined" : "paid" };
    charges.set(order, made);
    const oldest = charges.keys().next();
    if (charges.size > KEPT_CHARGES && !oldest.done) charges.delete(oldest.value);
    return made;
  };
  const router = new Router()
    .post("/charges", async (request) => {
      const order = oneText(jsonBody(request)["order"]);
      return json(await cards.run(() => network.query(() => charge(order))), 201);
    })
    .post("/refunds", async (request) => {
      const order = oneText(jsonBody(request)["order"]);
      const refunded = await cards.run(() => network.query(() => charges.delete(order)));
      return json({ refunded });
    });
  return { router };
}

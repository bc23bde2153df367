/** Charges cards over a few connections to the card network. A charge is made once for an order, however often it is asked for. */
import { Database } from "../kit/database.ts";
import { HttpProblem } from "../kit/http-problem.ts";
import { json, jsonBody, Router } from "../kit/router.ts";
import type { Service, ServiceContext } from "../kit/service-context.ts";
import type { ChargeAnswer } from "./contracts.ts";

const DECLINED_SHARE = 0.02;
const KEPT_CHARGES = 5_000;

export function startPayments(context: ServiceContext): Service {
  const network = new Database(context, { name: "card-network", connections: 20, typicalMs: 60 });
  const charges = new Map<string, ChargeAnswer>();
  const router = new Router().post("/charges", async (request) => {
    const order = jsonBody(request)["order"];
    if (typeof order !== "string" || order.length > 64) throw new HttpProblem(400, "an order id is needed");
    const answer = await network.query((): ChargeAnswer => {
      const earlier = charges.get(order);
      if (earlier !== undefined) return earlier;
      const made: ChargeAnswer = { outcome: context.random() < DECLINED_SHARE ? "declined" : "paid" };
      charges.set(order, made);
      const oldest = charges.keys().next();
      if (charges.size > KEPT_CHARGES && !oldest.done) charges.delete(oldest.value);
      return made;
    });
    return json(answer, 201);
  });
  return { router };
}

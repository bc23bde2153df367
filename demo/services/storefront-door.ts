/** The shop's door: classes of requests, a limit for each client, and what is turned away when the shop is crowded. */
import type { IncomingMessage } from "node:http";
import type { Admission, GuardOptions, PriorityClass } from "@holdfast/agent/http";
import { loadShedder, rateLimiter } from "@holdfast/agent/resilience";
import type { ServiceContext } from "../kit/service-context.ts";
import { hashText } from "../random.ts";
import { LOW_CLASS } from "../switches.ts";
import { clientOf } from "./visitor.ts";

/**
 * The whole shop shares one machine: its event loops are often late because others work, and shedding would not help. What is left is the
 * number of requests in flight against a limit that follows their latency.
 */
const SHEDDER = { minLimit: 14, maxLimit: 60, eluPermille: 980, loopDelayMs: 1_000, queueMs: 500 };

/** Checkout is critical, the cart is high, looking around is medium, pictures and what a page asks for in advance are low. */
export function classOf(path: string): PriorityClass {
  const [, first, second] = path.split("/");
  const what = first === "api" ? second : first;
  if (what === "checkout" || what === "orders") return "critical";
  if (what === "cart") return "high";
  return what === "prefetch" || what === "recommendations" || what === "pictures" ? "low" : "medium";
}

export function storefrontDoor(context: ServiceContext): GuardOptions<IncomingMessage> {
  return {
    edge: true,
    deadline: { defaultMs: 4_000, refuseBelowMs: 20 },
    priorityOf: (request) => classOf((request.url ?? "/").split("?")[0] ?? "/"),
    limiter: rateLimiter("clients", { limit: 20, burst: 60 }),
    keyOf: clientOf,
    shedder: withSwitch(context, loadShedder("storefront", SHEDDER)),
    cohortOf: (request) => hashText(clientOf(request)),
  };
}

/** The shedder, and before it the switch that turns the low class away whatever the load. */
function withSwitch(context: ServiceContext, shedder: Admission): Admission {
  const lowClass = context.agent.switch(LOW_CLASS);
  let shedLow = 0;
  context.agent.resource("shedder", "low-class switch", () => ({ shedLow }));
  return {
    enter: (priority, cohort) => {
      if (priority !== 0 || !lowClass.is("shed")) return shedder.enter(priority, cohort);
      shedLow++;
      return false;
    },
    leave: (startedAt) => shedder.leave(startedAt),
    retryAfterSeconds: () => shedder.retryAfterSeconds(),
  };
}

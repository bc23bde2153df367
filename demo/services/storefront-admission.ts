/** The storefront's classes of requests and who is turned away: by the limit, or by the switch for the low class. */
import { Admission, type Priority } from "../kit/admission.ts";
import type { Admit } from "../kit/host.ts";
import { html, json, type Reply } from "../kit/router.ts";
import type { ServiceContext } from "../kit/service-context.ts";
import { messageView } from "../pages/checkout-views.ts";
import { page } from "../pages/layout.ts";
import { LOW_CLASS } from "../switches.ts";

/** Requests in flight in one storefront before the first class is full; critical requests have no limit. */
const LIMIT = 36;
const RETRY_AFTER_S = "2";

/** Checkout is critical, the cart is high, looking around is medium, what a page asks for in advance is low. */
export function classOf(path: string): Priority {
  const [, first, second] = path.split("/");
  const what = first === "api" ? second : first;
  if (what === "checkout" || what === "orders") return "critical";
  if (what === "cart") return "high";
  return what === "prefetch" || what === "recommendations" ? "low" : "medium";
}

export function storefrontAdmission(context: ServiceContext): Admit {
  const admission = new Admission(LIMIT);
  const lowClass = context.agent.switch(LOW_CLASS);
  context.agent.resource("shedder", "admission", () => admission.reading(), { settings: { limit: LIMIT } });
  return (_method, path) => {
    const priority = classOf(path);
    if (priority === "low" && lowClass.is("shed")) {
      admission.refuse(priority);
      return { refusal: busy(context, path) };
    }
    const release = admission.enter(priority);
    return release === null ? { refusal: busy(context, path) } : { release };
  };
}

function busy(context: ServiceContext, path: string): Reply {
  const headers = { "retry-after": RETRY_AFTER_S };
  if (path.startsWith("/api/")) return json({ error: "busy, try again shortly" }, 503, headers);
  const frame = { title: "Busy", banners: [], servedBy: context.plan.instance, cartCount: 0, searchable: false };
  return html(page(frame, messageView("The shop is crowded", "Try again in a few seconds. Checkout is still open.")), 503, headers);
}

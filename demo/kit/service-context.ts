import type { Agent } from "@holdfast/agent";
import type { Random } from "../random.ts";
import type { InstancePlan } from "../shop-plan.ts";
import type { Addresses } from "./addresses.ts";
import type { Faults } from "./faults.ts";
import type { Admit } from "./host.ts";
import type { Router } from "./router.ts";

/** What every service gets from the process it runs in. */
export interface ServiceContext {
  readonly plan: InstancePlan;
  readonly agent: Agent;
  readonly faults: Faults;
  readonly addresses: Addresses;
  readonly random: Random;
}

/** What every service gives to the process it runs in. */
export interface Service {
  readonly router: Router;
  /** Decides whether a request is served; everything is when there is none. */
  readonly admit?: Admit;
}

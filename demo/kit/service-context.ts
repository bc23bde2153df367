import type { IncomingMessage } from "node:http";
import type { Agent } from "@holdfast/agent";
import type { Idempotency } from "@holdfast/agent/coordination";
import type { GuardOptions } from "@holdfast/agent/http";
import type { Random } from "../random.ts";
import type { InstancePlan } from "../shop-plan.ts";
import type { Addresses } from "./addresses.ts";
import type { Faults } from "./faults.ts";
import type { Router } from "./router.ts";

/** What every service gets from the process it runs in. */
export interface ServiceContext {
  readonly plan: InstancePlan;
  readonly agent: Agent;
  readonly faults: Faults;
  readonly addresses: Addresses;
  readonly random: Random;
  /** Folder that all instances share. */
  readonly stateDir: string;
}

/** What every service gives to the process it runs in. */
export interface Service {
  readonly router: Router;
  /** What its door does beside keeping the deadlines of callers. */
  readonly guard?: GuardOptions<IncomingMessage>;
  /** Makes its POST requests happen once. */
  readonly idempotency?: Idempotency;
  /** What else it lets go of at the end. */
  readonly close?: () => Promise<void>;
}

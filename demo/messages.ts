/** What the supervisor and a service process say to each other over the channel between parent and child. */
import type { Fault } from "./failures.ts";
import type { InstancePlan, Role } from "./shop-plan.ts";

export interface Address {
  readonly instance: string;
  readonly url: string;
}

/** Where every instance that runs now listens. */
export type AddressBook = Readonly<Partial<Record<Role, readonly Address[]>>>;

export interface StartMessage {
  readonly t: "start";
  readonly plan: InstancePlan;
  readonly consoleUrl: string;
  readonly token: string;
  /** Where the agent keeps its last good policy. */
  readonly policyFile: string;
  /** Folder that all instances share. */
  readonly stateDir: string;
  /** Seed of everything that is left to chance in this process. */
  readonly seed: number;
  /** How often this instance was started before. */
  readonly restarts: number;
}

export type ToService =
  | StartMessage
  | { readonly t: "addresses"; readonly book: AddressBook }
  /** The faults in force from now on; replaces all earlier ones. */
  | { readonly t: "faults"; readonly faults: readonly Fault[] };

export type FromService =
  /** The process has loaded and waits for `start`. */
  | { readonly t: "loaded" }
  | { readonly t: "listening"; readonly port: number }
  | { readonly t: "log"; readonly level: "info" | "warn" | "error"; readonly message: string };

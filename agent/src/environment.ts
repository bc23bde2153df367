/** The only file of the agent that reads the environment. */
import { hostname } from "node:os";

export interface HostFacts {
  readonly disabled: boolean;
  /** Host name as the platform gives it: HOSTNAME in containers. */
  readonly host: string;
  readonly pid: number;
}

export function readHostFacts(): HostFacts {
  const flag = process.env["HOLDFAST_DISABLED"];
  return {
    disabled: flag !== undefined && flag !== "" && flag !== "0" && flag.toLowerCase() !== "false",
    host: process.env["HOSTNAME"] ?? hostname(),
    pid: process.pid,
  };
}

/** Host name without what may not travel, and a suffix from the process id: the same for the life of the process. */
export function defaultInstance(facts: HostFacts): string {
  const host = facts.host.replace(/[^A-Za-z0-9._-]/g, "-").slice(0, 48);
  return `${host === "" ? "host" : host}-${facts.pid.toString(36)}`;
}

/** The door between the job runner and what it runs. */
import type { Lease } from "../store/tier-store.ts";

export interface Job {
  readonly name: string;
  /** This console leads from now on. @param state as it was last saved, by whoever led then; empty at first */
  begin(state: Readonly<Record<string, unknown>>): void;
  /**
   * One unit of work: some milliseconds, and every write fenced with the lease, so that it may be killed at any point. "idle" when there is
   * nothing to do for now.
   */
  step(lease: Lease): Promise<"more" | "idle">;
}

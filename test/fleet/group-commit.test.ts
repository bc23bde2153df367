import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GroupCommit } from "../../server/fleet/group-commit.ts";
import { FakeClock } from "../support/fake-clock.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("a group commit", () => {
  it("writes everything once and in order, whatever fails for a while", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ burst: fc.integer({ min: 1, max: 8 }), outage: fc.nat(3) }), { maxLength: 12 }),
        async (rounds) => {
          const clock = new FakeClock();
          const written: number[] = [];
          let outage = 0;
          let pushed = 0;
          const commits = new GroupCommit<number>({
            maxGroup: 5,
            clock,
            write: async (group) => {
              await turn();
              if (outage > 0) {
                outage--;
                throw new Error("away");
              }
              written.push(...group);
            },
            poisoned: () => expect.unreachable("nothing here is poisoned"),
            failed: () => undefined,
          });
          for (const round of rounds) {
            // Two failures in a row look like an outage; one could be the entry's own fault.
            outage += round.outage * 3;
            for (let i = 0; i < round.burst; i++) commits.push(pushed++);
            while (commits.size > 0) {
              await turn();
              clock.advance(5_000);
            }
          }
          await commits.drained();
          expect(written).toEqual(Array.from({ length: pushed }, (_, index) => index));
        },
      ),
      { numRuns: 40, seed: 3 },
    );
  });

  it("gives up one entry that fails alone, and keeps the rest", async () => {
    const written: string[] = [];
    const poisoned: string[] = [];
    const commits = new GroupCommit<string>({
      maxGroup: 10,
      clock: new FakeClock(),
      write: async (group) => {
        if (group.includes("bad")) throw new Error("bad");
        written.push(...group);
      },
      poisoned: (entry) => poisoned.push(entry),
      failed: () => undefined,
    });
    for (const entry of ["a", "bad", "b", "c"]) commits.push(entry);
    await commits.drained();
    expect(written).toEqual(["a", "b", "c"]);
    expect(poisoned).toEqual(["bad"]);
  });

  it("stops after one more try", async () => {
    let tries = 0;
    const commits = new GroupCommit<string>({
      maxGroup: 10,
      clock: new FakeClock(),
      write: async () => {
        tries++;
        throw new Error("away");
      },
      poisoned: () => undefined,
      failed: () => undefined,
    });
    commits.push("a");
    await turn();
    await commits.stop();
    expect(tries).toBe(2);
    expect(commits.size).toBe(0);
  });
});

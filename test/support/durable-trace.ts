/** Reads a trace of system calls for the order of what matters: the log is written, the log is durable, somebody is told. */

export type Step = "written" | "durable" | "acknowledged";

/** A call that another thread's interrupts is two lines: it counts when it is over. */
export function parseTrace(trace: string): Step[] {
  const steps: Step[] = [];
  const unfinished = new Map<string, Step>();
  for (const line of trace.split("\n")) {
    const thread = line.split(" ", 1)[0] ?? "";
    if (/<\.\.\. \w+ resumed>/.test(line)) {
      const step = unfinished.get(thread);
      if (step) steps.push(step);
      unfinished.delete(thread);
      continue;
    }
    const step = stepOf(line);
    if (step === null) continue;
    if (line.includes("<unfinished ...>")) unfinished.set(thread, step);
    else steps.push(step);
  }
  return steps;
}

function stepOf(line: string): Step | null {
  if (/ pwrite64\(\d+<[^>]*-wal>/.test(line)) return "written";
  if (/ (?:fsync|fdatasync)\(\d+<[^>]*-wal>/.test(line)) return "durable";
  if (/ write\(1<[^>]*>, "ack /.test(line)) return "acknowledged";
  return null;
}

/** Places of the acknowledgements before which the last written was not made durable, or nothing was written at all. */
export function undurableAcknowledgements(steps: readonly Step[]): number[] {
  const found: number[] = [];
  let state: "nothing" | "written" | "durable" = "nothing";
  steps.forEach((step, i) => {
    if (step === "written") state = "written";
    else if (step === "durable") state = state === "written" ? "durable" : state;
    else if (state !== "durable") found.push(i);
  });
  return found;
}

import type { Admission, Limit } from "../../../agent/src/entry-http.ts";

/** A shedder that says what it is told to and remembers who came. */
export function fakeShedder({ room = true } = {}) {
  const entered: [number, number | undefined][] = [];
  const left: number[] = [];
  return {
    entered,
    left,
    enter: (priority, cohort) => {
      entered.push([priority, cohort]);
      return room;
    },
    leave: (startedAt) => {
      left.push(startedAt);
    },
    retryAfterSeconds: () => 3,
  } satisfies Admission & Record<string, unknown>;
}

export function fakeLimiter({ waitMs = 0 } = {}) {
  const asked: (string | undefined)[] = [];
  return {
    asked,
    tryAcquire: (key) => {
      asked.push(key);
      return waitMs;
    },
  } satisfies Limit & Record<string, unknown>;
}

/** Invented answers for the pages of the settings: people who can be changed, tiers, and a console that counts on. */
import type { UserAnswer } from "../../protocol/api.ts";
import type { SelfHealth } from "../../protocol/health-api.ts";
import type { JobsAnswer, TiersAnswer } from "../../protocol/history-api.ts";

const DAY = 86_400_000;
const STARTED = Date.now() - 3 * DAY;
const users: UserAnswer[] = [
  { id: "u-1", name: "m.ito", email: "m.ito@example.com", role: "admin", banned: false, createdAt: STARTED - 200 * DAY },
  { id: "u-2", name: "Ana Novak", email: "a.novak@example.com", role: "operator", banned: false, createdAt: STARTED - 90 * DAY },
  { id: "u-3", name: "Sam Okafor", email: "s.okafor@example.com", role: "viewer", banned: false, createdAt: STARTED - 20 * DAY },
  { id: "u-4", name: "Kim Berg", email: "k.berg@example.com", role: "operator", banned: true, createdAt: STARTED - 300 * DAY },
];

function tiers(): TiersAnswer {
  const at = Date.now();
  const MB = 1_000_000;
  return {
    tiers: [
      {
        tier: "1s",
        stepMs: 1000,
        keepMs: 2 * DAY,
        pages: 42_000,
        bytes: 310 * MB,
        oldestAt: at - 2 * DAY,
        newestAt: at,
        projectedBytes: 310 * MB,
      },
      {
        tier: "1m",
        stepMs: 60_000,
        keepMs: 30 * DAY,
        pages: 2100,
        bytes: 44 * MB,
        oldestAt: at - 9 * DAY,
        newestAt: at,
        projectedBytes: 147 * MB,
      },
      {
        tier: "1h",
        stepMs: 3_600_000,
        keepMs: 400 * DAY,
        pages: 90,
        bytes: 2 * MB,
        oldestAt: at - 9 * DAY,
        newestAt: at,
        projectedBytes: 88 * MB,
      },
    ],
    databaseBytes: 402 * MB,
    projectedBytes: 545 * MB,
    at: at - 12_000,
  };
}

const jobs: JobsAnswer = { leading: true, lease: null, hoursDue: 1, jobs: [] };

function health(): SelfHealth {
  const at = Date.now();
  const seconds = (at - STARTED) / 1000;
  const wave = Math.round(4000 * Math.sin(seconds / 20));
  const spread = (count: number, sumMs: number) => ({
    count,
    sumMs,
    buckets: [
      { leMs: 1, count: Math.round(count * 0.4) },
      { leMs: 2.5, count: Math.round(count * 0.9) },
      { leMs: 5, count: Math.round(count * 0.992) },
      { leMs: 10, count },
      { leMs: null, count },
    ],
  });
  return {
    at,
    startedAt: STARTED,
    storeHealthy: true,
    agents: 24,
    browsers: 3,
    tickLagMs: 1.4,
    memoryBytes: 184_000_000,
    frames: { live: Math.round(seconds * 24), backfill: 410 },
    samples: { live: Math.round(seconds * 2940) + wave, backfill: 9000 },
    frameBytes: { live: Math.round(seconds * 4100), backfill: 12_000 },
    events: Math.round(seconds * 0.3),
    dropped: { "browser-deltas": 812 },
    evicted: { "browser slowConsumer": 2 },
    refused: { "agent 401": 14 },
    writes: Math.round(seconds * 9),
    commits: spread(Math.round(seconds * 4), seconds * 6),
    pushes: spread(38, 60),
    acknowledgements: spread(410, 700),
  };
}

/** The answer to one request, or null when it is not about settings. */
export function answerSettings(
  method: string,
  path: string,
  body: Readonly<Record<string, unknown>>,
): { status: number; body: unknown } | null {
  switch (`${method} ${path}`) {
    case "GET /users":
      return { status: 200, body: { items: users, nextCursor: null } };
    case "POST /users": {
      const made = {
        id: `u-${String(users.length + 1)}`,
        banned: false,
        createdAt: Date.now(),
        ...body,
        password: undefined,
      } as unknown as UserAnswer;
      users.push(made);
      return { status: 201, body: made };
    }
    case "GET /history/tiers":
      return { status: 200, body: tiers() };
    case "GET /history/jobs":
      return { status: 200, body: jobs };
    case "GET /health/self":
      return { status: 200, body: health() };
    default: {
      const person = method === "PATCH" ? users.find(({ id }) => path === `/users/${id}`) : undefined;
      return person ? { status: 200, body: Object.assign(person, body) } : null;
    }
  }
}

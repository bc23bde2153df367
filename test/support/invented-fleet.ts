/** An invented shop in trouble: eight services whose numbers move like real ones, for looking at the screens without a real fleet. */
import { columnIndex, columnsOf, type Kind } from "../../protocol/kinds.ts";
import type { LiveInstance, LiveResource, LoggedEvent } from "../../protocol/live.ts";

type Values = Record<string, number>;

interface Resource {
  readonly declared: LiveResource;
  readonly offset: number;
  /** Next second's values: gauges as they are, counters as the increase. */
  readonly next: (second: number) => Values;
}

interface Member {
  readonly instance: LiveInstance;
  readonly resources: readonly Resource[];
  /** Sends nothing any more from this second on. */
  readonly silentFrom: number;
}

/** Repeatable noise from 0 to 1. */
function noise(seed: number, second: number): number {
  const x = Math.sin(seed * 12.9898 + second * 78.233) * 43758.5453;
  return x - Math.floor(x);
}

const wobble = (seed: number, second: number, base: number, share = 0.08): number =>
  Math.round(base * (1 + share * (noise(seed, second) - 0.5) * 2 + 0.04 * Math.sin(second / 11 + seed)));

/** Who looks after what; the label by which the map groups the fleet. */
const TEAMS: Readonly<Record<string, string>> = {
  storefront: "web",
  search: "discovery",
  recommendations: "discovery",
  catalog: "discovery",
  images: "media",
  orders: "checkout",
  payments: "checkout",
  inventory: "logistics",
};

/** Seconds of one round of the orders breaker: open, then probing, then open again. */
const ROUND = 40;
const OPEN = 30;
const STATE = { closed: 0, half: 1, open: 2, forcedOpen: 3 } as const;

export class InventedFleet {
  readonly members: Member[] = [];
  readonly events: LoggedEvent[] = [];
  readonly started: number;
  #second = 0;
  revision = 118;

  constructor(now: number) {
    this.started = now;
    this.#build(now);
    for (let i = 900; i > 0; i -= 60)
      this.#note(now - i * 1000, {
        type: i % 180 === 0 ? "breaker.opened" : "breaker.closed",
        service: "orders",
        instance: "orders-2",
        resource: { kind: "breaker", name: "payments" },
        data: { failurePermille: 640, openMs: 21_000 },
      });
    this.#note(now - 400_000, {
      type: "deploy",
      service: "payments",
      instance: null,
      resource: null,
      data: { version: "4.12.0" },
      actor: "token:ci",
    });
    this.#note(now - 46_000, {
      type: "flip.created",
      service: null,
      instance: null,
      resource: null,
      data: { switch: "recommendations", position: "popular", reason: "take load off orders", flipId: "f-1", revision: 118 },
      actor: "user:m.ito",
    });
  }

  #note(at: number, event: Pick<LoggedEvent, "type" | "service" | "instance" | "resource" | "data"> & { actor?: string }): LoggedEvent {
    const logged: LoggedEvent = { id: this.events.length + 1, at, receivedAt: at, actor: "agent", ...event };
    this.events.push(logged);
    return logged;
  }

  /** One second goes by. Returns the changed slots, and events if there were any. */
  step(now: number): { changes: { key: string; at: number; slots: number[] }[]; events: LoggedEvent[] } {
    const second = ++this.#second;
    const changes: { key: string; at: number; slots: number[] }[] = [];
    for (const member of this.members) {
      if (second >= member.silentFrom) continue;
      const slots: number[] = [];
      for (const resource of member.resources) this.#stepResource(member.instance, resource, { second, slots });
      member.instance.lastFrameAt = now;
      changes.push({ key: member.instance.key, at: now, slots });
    }
    return { changes, events: this.#transitions(second, now) };
  }

  #stepResource(instance: LiveInstance, resource: Resource, { second, slots }: { second: number; slots: number[] }): void {
    const next = resource.next(second);
    for (const column of columnsOf(resource.declared.kind)) {
      const given = next[column.name];
      if (given === undefined) continue;
      const slot = resource.offset + columnIndex(resource.declared.kind, column.name);
      const before = instance.row[slot] ?? 0;
      // Counters begin as if the process had run for a while, so that the invented past fits below them.
      const value = column.type === "counter" ? Math.max(1_000_000, before) + given : given + 1;
      if (value === before) continue;
      instance.row[slot] = value;
      slots.push(slot, value);
    }
  }

  #transitions(second: number, now: number): LoggedEvent[] {
    const at = second % ROUND;
    const about = { service: "orders", instance: "orders-1", resource: { kind: "breaker" as const, name: "payments" } };
    if (at === OPEN) return [this.#note(now, { ...about, type: "breaker.half_opened", data: { openMs: OPEN * 1000 } })];
    if (at === 0) return [this.#note(now, { ...about, type: "breaker.opened", data: { failurePermille: 640 } })];
    return [];
  }

  #member(
    service: string,
    number: number,
    resources: readonly {
      kind: Kind;
      name: string;
      target?: string;
      source?: string;
      settings?: LiveResource["settings"];
      next: Resource["next"];
    }[],
    more: Partial<LiveInstance> & { silentFrom?: number } = {},
  ): void {
    const { silentFrom = Infinity, ...given } = more;
    let offset = 0;
    const placed: Resource[] = resources.map(({ next, ...declared }, id) => {
      const resource: Resource = { declared: { id, ...declared }, offset, next };
      offset += columnsOf(declared.kind).length;
      return resource;
    });
    const instance: LiveInstance = {
      key: `${service}/${service}-${number}`,
      service,
      instance: `${service}-${number}`,
      boot: `boot-${service}-${number}`,
      version: service === "payments" ? "4.12.0" : "8.41.0",
      labels: { zone: number % 2 === 0 ? "b" : "a", team: TEAMS[service] ?? "other" },
      connectedAt: this.started - 3_600_000,
      lastFrameAt: this.started,
      disconnectedAt: null,
      left: false,
      clockSkewMs: 3,
      policyRevision: this.revision,
      resources: placed.map((resource) => resource.declared),
      switches: [],
      row: new Array<number>(offset).fill(0),
      ...given,
    };
    this.members.push({ instance, resources: placed, silentFrom });
  }

  #build(now: number): void {
    const server = (seed: number, perSecond: number, errorShare: (second: number) => number, p99 = 180_000) => ({
      kind: "server" as const,
      name: "http",
      next: (second: number): Values => {
        const requests = wobble(seed, second, perSecond);
        return {
          requests,
          errors: Math.round(requests * errorShare(second)),
          inFlight: wobble(seed + 1, second, 14, 0.5),
          p50Us: wobble(seed + 2, second, 21_000),
          p99Us: wobble(seed + 3, second, p99),
        };
      },
    });
    const process = (seed: number) => ({
      kind: "process" as const,
      name: "process",
      next: (second: number): Values => ({
        eluPermille: wobble(seed, second, 310),
        loopP99Us: wobble(seed, second, 11_000),
        rssKb: 190_000,
        heapUsedKb: 92_000,
        cpuPermille: wobble(seed, second, 280),
      }),
    });
    const pool = (name: string, seed: number, { inUse, max, waiting = 0 }: { inUse: number; max: number; waiting?: number }) => ({
      kind: "pool" as const,
      name,
      target: name,
      source: "generic-pool",
      next: (second: number): Values => {
        const used = waiting > 0 ? max : Math.min(max, Math.max(0, wobble(seed, second, inUse, 0.25)));
        return {
          inUse: used,
          idle: max - used,
          waiting: waiting === 0 ? 0 : wobble(seed, second, waiting, 0.2),
          max,
          acquired: wobble(seed, second, 80),
          timeouts: waiting > 0 ? 2 : 0,
          waitP99Us: waiting > 0 ? 1_900_000 : 400,
        };
      },
    });
    const breaker = (name: string, seed: number, stateAt: (second: number) => number, failure = 4) => ({
      kind: "breaker" as const,
      name,
      target: name,
      source: "opossum",
      settings: { threshold: 50, volume: 20, resetMs: OPEN * 1000, timeoutMs: 800 },
      next: (second: number): Values => {
        const state = stateAt(second);
        const open = state === STATE.open || state === STATE.forcedOpen;
        const calls = wobble(seed, second, 90);
        return {
          state,
          calls,
          failures: open ? 0 : Math.round((calls * failure) / 1000),
          timeouts: open ? 0 : 1,
          rejected: open ? calls : 0,
          fallbacks: open ? calls : 0,
          inFlight: open ? 0 : 6,
          failurePermille: state === STATE.closed ? failure : 640,
          p50Us: wobble(seed, second, 84_000),
          p99Us: wobble(seed, second, open ? 1_940_000 : 240_000),
          nextProbeMs: state === STATE.open ? (OPEN - (second % ROUND)) * 1000 : 0,
        };
      },
    });
    const always = (state: number) => () => state;
    const cycling = (second: number): number => (second % ROUND < OPEN ? STATE.open : STATE.half);
    const shedder = (seed: number, low: number) => ({
      kind: "shedder" as const,
      name: "admission",
      next: (second: number): Values => ({
        admitted: wobble(seed, second, 700),
        shedLow: low === 0 ? 0 : wobble(seed, second, low),
        shedMedium: 0,
        shedHigh: 0,
        shedCritical: 0,
        inFlight: wobble(seed, second, 180),
        limit: 200,
      }),
    });
    const queue = (name: string, seed: number, { depth, capacity, target }: { depth: number; capacity: number; target?: string }) => ({
      kind: "queue" as const,
      name,
      ...(target === undefined ? {} : { target }),
      source: "p-queue",
      next: (second: number): Values => ({
        depth: wobble(seed, second, depth, 0.2),
        running: 8,
        concurrency: 8,
        capacity,
        added: wobble(seed, second, 41),
        completed: wobble(seed + 1, second, 40),
        failed: 0,
        oldestMs: 900,
        paused: 0,
      }),
    });
    const feature = (key: string, title: string, whatUsersLose: string, position: string) => ({
      key,
      title,
      whatUsersLose,
      positions: key === "recommendations" ? ["personal", "popular", "off"] : ["serve", "shed"],
      safeDefault: key === "recommendations" ? "popular" : "serve",
      position,
    });
    const low = feature("low-class-requests", "Low-class requests", "Prefetch and recently viewed are turned away", "serve");

    for (const i of [1, 2, 3])
      this.#member(
        "storefront",
        i,
        [
          server(i * 3, 780, (s) => (i < 3 && s > 20 ? 0.021 : 0.006), 2_900_000),
          shedder(i, i < 3 ? 44 : 0),
          breaker("orders", i, always(0), i === 3 ? 9 : 430),
          breaker("search", 100 + i, always(0), 6),
          breaker("recommendations", 104 + i, always(0), 1),
          pool("catalog", 108 + i, { inUse: 6, max: 32 }),
          pool("images", 112 + i, { inUse: 4, max: 32 }),
          process(i),
        ],
        { switches: [low] },
      );
    for (const i of [1, 2])
      this.#member(
        "catalog",
        i,
        [server(20 + i, 276, () => 0.003, 88_000), pool("pg", 30 + i, { inUse: i === 1 ? 44 : 12, max: 50 }), process(i)],
        { switches: [low] },
      );
    for (const i of [1, 2])
      this.#member("search", i, [
        server(40 + i, 443, (s) => (i === 2 && s % 30 > 18 ? 0.05 : 0.004)),
        breaker("catalog", 44 + i, i === 2 ? always(STATE.half) : always(0)),
        queue("index", 4, { depth: 40, capacity: 400 }),
        process(i),
      ]);
    for (const i of [1, 2])
      this.#member("recommendations", i, [server(50 + i, 224, () => 0.001), pool("features", 54 + i, { inUse: 3, max: 16 }), process(i)], {
        switches: [feature("recommendations", "Personal recommendations", "Popular items instead of personal picks", "popular")],
      });
    for (const i of [1, 2, 3])
      this.#member("orders", i, [
        server(60 + i, 325, (s) => (i < 3 && s > 8 ? 0.43 : 0.01), 1_940_000),
        breaker("payments", 60 + i, i < 3 ? cycling : always(0), 120),
        breaker("inventory", 66 + i, always(0), 3),
        pool("pg", 70 + i, { inUse: 9, max: 20 }),
        queue("mail", 71, { depth: 380, capacity: 400, target: "mail" }),
        process(i),
      ]);
    for (const i of [1, 2])
      this.#member("payments", i, [
        server(80 + i, 200, (s) => (i === 1 && s > 15 ? 0.09 : 0.02), 1_900_000),
        pool("psp", 82 + i, { inUse: 50, max: 50, waiting: i === 1 ? 38 : 0 }),
        process(i),
      ]);
    this.#member("inventory", 1, [server(90, 281, () => 0.002), breaker("erp", 91, always(STATE.forcedOpen)), process(1)]);
    this.#member("images", 1, [server(95, 146, () => 0.001), process(1)]);
    this.#member("images", 2, [server(96, 144, () => 0.001), process(2)], { silentFrom: 6 });
    this.#member("images", 3, [server(97, 141, () => 0.001), process(3)], {
      silentFrom: 0,
      connectedAt: null,
      lastFrameAt: now - 400_000,
      disconnectedAt: now - 380_000,
    });
  }
}

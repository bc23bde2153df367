/**
 * Ten recorded minutes of the invented shop with a cascade in them: payments get slow, the breakers of orders open one after the other,
 * the storefront sheds, somebody switches recommendations, and everything recovers. Packed as a real console packs it.
 */
import { encodePage } from "../../core/page.ts";
import { framePages, type FramedPage } from "../../core/replay-samples.ts";
import { columnsOf } from "../../protocol/kinds.ts";
import type { LoggedEvent } from "../../protocol/live.ts";
import type { NearbyAnswer, NearbyChange, RecordedChange, RecordedInstance, ReplayStory } from "../../protocol/replay-api.ts";
import type { InventedFleet } from "./invented-fleet.ts";

const MINUTES = 10;
const SECOND = 1000;
/** Seconds into the recording. */
const PLOT = { deploy: 150, slow: 180, opens: 190, opensToo: 195, sheds: 205, gone: 230, flip: 260, back: 300, closes: 330 } as const;

interface Told {
  readonly second: number;
  readonly event: Pick<LoggedEvent, "type" | "service" | "instance" | "resource" | "data"> & { readonly actor?: string };
}

const payments = { kind: "breaker", name: "payments" } as const;
const about = (instance: string) => ({ service: instance.replace(/-\d+$/, ""), instance });
const STORY: readonly Told[] = [
  {
    second: PLOT.deploy,
    event: { type: "deploy", service: "payments", instance: null, resource: null, data: { version: "4.13.0" }, actor: "token:ci" },
  },
  {
    second: PLOT.slow,
    event: { type: "pool.saturated", ...about("payments-1"), resource: { kind: "pool", name: "psp" }, data: { waiting: 38 } },
  },
  { second: PLOT.opens, event: { type: "breaker.opened", ...about("orders-1"), resource: payments, data: { failurePermille: 640 } } },
  { second: PLOT.opensToo, event: { type: "breaker.opened", ...about("orders-2"), resource: payments, data: { failurePermille: 580 } } },
  {
    second: PLOT.sheds,
    event: { type: "shed.started", ...about("storefront-1"), resource: { kind: "shedder", name: "admission" }, data: { classes: "low" } },
  },
  { second: PLOT.gone, event: { type: "agent.left", ...about("images-1"), resource: null, data: { reason: "silent" } } },
  {
    second: PLOT.flip,
    event: {
      type: "flip.created",
      service: null,
      instance: null,
      resource: null,
      data: { switch: "recommendations", position: "popular", reason: "take load off orders", revision: 117 },
      actor: "user:m.ito",
    },
  },
  { second: PLOT.back, event: { type: "agent.joined", ...about("images-1"), resource: null, data: { reason: "reconnected" } } },
  { second: PLOT.closes, event: { type: "breaker.closed", ...about("orders-1"), resource: payments, data: { openMs: 140_000 } } },
  { second: PLOT.closes, event: { type: "breaker.closed", ...about("orders-2"), resource: payments, data: { openMs: 135_000 } } },
];

export class FakeReplay {
  readonly from: number;
  readonly to: number;
  readonly #fleet: InventedFleet;
  readonly #told: readonly LoggedEvent[];
  readonly #pages: (FramedPage & { readonly from: number; readonly to: number })[] = [];

  constructor(fleet: InventedFleet) {
    this.#fleet = fleet;
    this.to = Math.floor(fleet.started / SECOND) * SECOND;
    this.from = this.to - MINUTES * 60_000;
    this.#told = STORY.map(({ second, event: { actor = "agent", ...event } }, i) => {
      const at = this.from + second * SECOND + 350;
      return { id: i + 1, at, receivedAt: at, actor, ...event };
    });
    // The log tells it too. What it held before of these minutes did not happen.
    const others = fleet.events.filter((event) => event.at < this.from || event.at > this.to);
    fleet.events.splice(0, fleet.events.length, ...[...others, ...this.#told].sort((a, b) => a.at - b.at));
    fleet.events.forEach((event, i) => (event.id = i + 1));
    for (const member of fleet.members) this.#record(member);
  }

  #record({ instance, resources }: InventedFleet["members"][number]): void {
    const row = new Float64Array(instance.row.length);
    for (let minute = 0; minute < MINUTES; minute++) {
      const times: number[] = [];
      const rows: Float64Array[] = [];
      for (let second = minute * 60 + 1; second <= minute * 60 + 60; second++) {
        for (const { declared, offset, next } of resources) {
          const values = { ...next(second), ...plotted(instance.instance, declared.name, second) };
          columnsOf(declared.kind).forEach(({ name, type }, i) => {
            const value = values[name];
            if (value === undefined) return;
            row[offset + i] = type === "counter" ? Math.max(500_000, row[offset + i] ?? 0) + value : value + 1;
          });
        }
        if (this.#silent(instance.key, second)) continue;
        times.push(this.from + second * SECOND);
        rows.push(row.slice());
      }
      if (times.length === 0) continue;
      const bytes = encodePage({
        resources: resources.map(({ declared: { kind, name } }) => ({ kind, name })),
        times: Float64Array.from(times),
        seqs: Float64Array.from(times, (_, i) => minute * 60 + i + 1),
        read: (column, into) => rows.forEach((one, i) => (into[i] = one[column] ?? 0)),
      });
      this.#pages.push({ key: instance.key, boot: instance.boot, bytes, from: times[0] ?? 0, to: times.at(-1) ?? 0 });
    }
  }

  #silent(key: string, second: number): boolean {
    return key === "images/images-3" || (key === "images/images-1" && second >= PLOT.gone - 5 && second < PLOT.back);
  }

  #described(at: number): RecordedInstance[] {
    const second = (at - this.from) / SECOND;
    return this.#fleet.members.map(({ instance: { row: _, ...instance } }) => {
      const away = instance.key === "images/images-3" || (instance.key === "images/images-1" && second >= PLOT.gone && second < PLOT.back);
      return {
        ...instance,
        connectedAt: away ? null : this.from - 3_600_000,
        lastFrameAt: away ? this.from + (instance.instance === "images-3" ? -1 : PLOT.gone - 6) * SECOND : null,
        disconnectedAt: away ? this.from + (instance.instance === "images-3" ? 0 : PLOT.gone) * SECOND : null,
        policyRevision: second >= PLOT.flip ? 117 : 116,
        switches: instance.switches.map((entry) => ({
          ...entry,
          position: entry.key === "recommendations" && second < PLOT.flip ? "personal" : entry.position,
        })),
      };
    });
  }

  story(from: number, to: number): ReplayStory {
    const changed = [PLOT.gone, PLOT.flip, PLOT.back]
      .map((second) => this.from + second * SECOND + 400)
      .filter((at) => at > from && at <= to);
    const changes = changed.map((at): RecordedChange => ({ at, instances: this.#described(at), forgotten: [] }));
    return {
      environment: "production",
      from,
      to,
      recordedFrom: this.from,
      revision: from >= this.from + PLOT.flip * SECOND ? 117 : 116,
      instances: from < this.from ? this.#described(this.from) : this.#described(from),
      changes,
      events: this.#fleet.events.filter((event) => event.at > from && event.at <= to),
      eventsCut: false,
    };
  }

  samples(from: number, to: number): Uint8Array {
    const encoder = new TextEncoder();
    const touching = this.#pages.filter((page) => page.to > from && page.from <= to);
    return Buffer.concat(framePages(touching, (text) => encoder.encode(text)));
  }

  nearby(at: number, service: string | null): NearbyAnswer {
    const windowMs = 900_000;
    const items = this.#fleet.events
      .filter((event) => Math.abs(event.at - at) <= windowMs && (service === null || event.service === null || event.service === service))
      .map((event): NearbyChange => ({
        kind: kindOf(event.type),
        at: event.at,
        offsetMs: Math.round(event.at - at),
        text: textOf(event),
        service: event.service,
        actor: event.actor,
        event,
        alike: 0,
      }))
      .sort((a, b) => Math.abs(a.offsetMs) - Math.abs(b.offsetMs));
    return { environment: "production", at, windowMs, items: items.slice(0, 30) };
  }

  /** Whether somebody had switched recommendations by then. */
  switched(at: number): boolean {
    return at >= this.from + PLOT.flip * SECOND;
  }
}

function kindOf(type: string): NearbyChange["kind"] {
  if (type.startsWith("flip.")) return "policy";
  if (type === "deploy") return "deploy";
  if (type.startsWith("agent.")) return "instance";
  return type.startsWith("breaker.") ? "transition" : "pressure";
}

function textOf(event: LoggedEvent): string {
  const what = event.resource?.name ?? String(event.data["switch"] ?? event.data["version"] ?? event.instance ?? "");
  return `${event.type.replace(".", " ").replace("_", " ")} ${what}`.trim();
}

/** What the plot changes about a resource in a second. */
function plotted(instance: string, resource: string, second: number): Record<string, number> {
  const trouble = second >= PLOT.slow && second < PLOT.closes;
  if (resource === "payments" && /^orders-[12]$/.test(instance)) {
    const open = second >= (instance === "orders-1" ? PLOT.opens : PLOT.opensToo) && second < PLOT.closes;
    return {
      state: open ? 2 : 0,
      failures: 0,
      rejected: open ? 90 : 0,
      failurePermille: open ? 640 : trouble ? 380 : 4,
      nextProbeMs: open ? 30_000 : 0,
    };
  }
  if (resource === "payments") return { state: 0, rejected: 0 };
  if (resource === "psp")
    return { inUse: trouble ? 50 : 18, idle: trouble ? 0 : 32, waiting: trouble ? 38 : 0, waitP99Us: trouble ? 1_900_000 : 400 };
  if (resource === "admission") return { shedLow: second >= PLOT.sheds && second < PLOT.closes && instance === "storefront-1" ? 44 : 0 };
  if (resource === "http" && /^(orders|payments)/.test(instance)) return { errors: trouble ? 120 : 1, p99Us: trouble ? 1_900_000 : 90_000 };
  return {};
}

/** The answer to one request, or null when it is not about the past. */
export function answerReplay(
  replay: FakeReplay,
  path: string,
  search: URLSearchParams,
): { type: string; body: Uint8Array | string } | null {
  const number = (name: string): number => Number(search.get(name));
  const json = (value: unknown) => ({ type: "application/json", body: JSON.stringify(value) });
  switch (path) {
    case "/replay/story":
      return json(replay.story(number("from"), number("to")));
    case "/replay/samples":
      return { type: "application/octet-stream", body: replay.samples(number("from"), number("to")) };
    case "/replay/last-samples":
      return { type: "application/octet-stream", body: new Uint8Array() };
    case "/replay/nearby":
      return json(replay.nearby(number("at"), search.get("service")));
    default:
      return null;
  }
}

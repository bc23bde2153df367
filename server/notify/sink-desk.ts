/** What people do with sinks: made, changed, tried, looked at. No answer and no audit entry holds an address or a secret. */
import type { DeliveryAnswer, NewSinkAnswer, SinkAnswer, SinkChange, sinkRequestSchema } from "../../protocol/notify-api.ts";
import type { z } from "zod";
import { auditEntry } from "../audit/audit-entry.ts";
import { actorOf, type Principal } from "../auth/principal.ts";
import type { Clock } from "../clock.ts";
import { ApiError } from "../errors.ts";
import type { SealedBox } from "../sealed-box.ts";
import type { AuditDetails, NewAuditEntry } from "../store/audit-entry.ts";
import type { Delivery, NewSink, Sink, SinkChanges } from "../store/notify-store.ts";
import type { Page, Store } from "../store/store.ts";
import type { AllowedHosts } from "./allowed-hosts.ts";
import type { Courier } from "./courier.ts";
import { everySink } from "./every-sink.ts";
import { testMessage } from "./message.ts";
import { KEEP_TRYING_MS } from "./retry.ts";
import { newSigningSecret } from "./signature.ts";

export interface SinkDeskOptions {
  readonly store: Store;
  readonly box: SealedBox;
  readonly hosts: AllowedHosts;
  readonly courier: Courier;
  readonly clock: Clock;
  readonly newId: () => string;
}

const SINKS_MOST = 50;
/** A secret that was changed still signs for so long, so that receivers can follow. */
const OVERLAP_MS = 86_400_000;

interface PageWish {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export class SinkDesk {
  readonly #options: SinkDeskOptions;

  constructor(options: SinkDeskOptions) {
    this.#options = options;
  }

  get hosts(): readonly string[] {
    return this.#options.hosts.names;
  }

  async list({ cursor, limit }: PageWish): Promise<Page<SinkAnswer>> {
    const { store } = this.#options;
    const [{ items, nextCursor }, waiting] = await Promise.all([
      store.listNotifySinks({ limit, ...(cursor === undefined ? {} : { cursor }) }),
      store.countNotifyWaiting(),
    ]);
    return { items: items.map((sink) => this.#answer(sink, waiting[sink.id] ?? 0)), nextCursor };
  }

  /** @throws ApiError notify_hosts_unset, notify_host_refused, too_many_sinks */
  async create(request: z.output<typeof sinkRequestSchema>, by: Principal): Promise<NewSinkAnswer> {
    const { store, box, clock, newId } = this.#options;
    const url = this.#allowed(request.url);
    if ((await everySink(store)).length >= SINKS_MOST) throw new ApiError("too_many_sinks");
    const { name, kind, enabled, hears } = request;
    const secret = kind === "generic" ? newSigningSecret() : null;
    const sink: NewSink = {
      ...{ id: newId(), name, kind, enabled, hears, url: box.seal(url.href), origin: url.origin },
      secret: secret === null ? null : box.seal(secret),
      ...{ previousSecret: null, previousUntil: null, createdAt: clock.now(), createdBy: actorOf(by) },
    };
    const made = await store.createNotifySink(sink, this.#audit("created", by, { thing: name, after: shown(sink) }));
    return { ...this.#answer(made, 0), secret };
  }

  /** @throws ApiError sink_unknown, notify_hosts_unset, notify_host_refused */
  async change(id: string, { url: address, name, enabled, hears }: SinkChange, by: Principal): Promise<SinkAnswer> {
    const before = await this.#sink(id);
    const url = address === undefined ? null : this.#allowed(address);
    const changes: SinkChanges = {
      ...(name === undefined ? {} : { name }),
      ...(enabled === undefined ? {} : { enabled }),
      ...(hears === undefined ? {} : { hears }),
      ...(url === null ? {} : { url: this.#options.box.seal(url.href), origin: url.origin }),
    };
    const after = { ...shown({ ...before, ...changes }), ...(url === null ? {} : { addressChanged: true }) };
    return this.#write(id, changes, this.#audit("changed", by, { thing: before.name, before: shown(before), after }));
  }

  /** A new secret; the one before signs too for a day. @throws ApiError sink_unknown */
  async rotate(id: string, by: Principal): Promise<NewSinkAnswer> {
    const { box, clock } = this.#options;
    const before = await this.#sink(id);
    if (before.secret === null) return { ...(await this.#fresh(before)), secret: null };
    const secret = newSigningSecret();
    const previousUntil = clock.now() + OVERLAP_MS;
    const changes = { secret: box.seal(secret), previousSecret: before.secret, previousUntil };
    const answer = await this.#write(id, changes, this.#audit("rotated", by, { thing: before.name, after: { previousUntil } }));
    return { ...answer, secret };
  }

  /** @throws ApiError sink_unknown */
  async delete(id: string, by: Principal): Promise<void> {
    const sink = await this.#sink(id);
    const gone = await this.#options.store.deleteNotifySink(id, this.#audit("deleted", by, { thing: sink.name, before: shown(sink) }));
    if (!gone) throw new ApiError("sink_unknown");
  }

  /** Sends at once and once, whatever waits; one that arrives ends a pause. @throws ApiError sink_unknown */
  async test(id: string, by: Principal): Promise<DeliveryAnswer> {
    const { store, courier, clock, newId } = this.#options;
    const sink = await this.#sink(id);
    const now = clock.now();
    const message = testMessage(sink.name, now, actorOf(by));
    const delivery = {
      ...{ id: newId(), sinkId: id, topic: message.topic, title: message.title, message: JSON.stringify(message) },
      ...{ createdAt: now, nextAt: now, deadline: now },
    };
    const { ok, code, answer, error, tookMs } = await courier(sink, delivery);
    const outcome = {
      status: ok ? ("delivered" as const) : ("failed" as const),
      at: clock.now(),
      attempts: 1,
      nextAt: now,
      code,
      answer,
      error,
      tookMs,
    };
    const audit = this.#audit("tested", by, { thing: sink.name, after: { delivered: ok, code } });
    return deliveryAnswer(await store.recordNotifyTest(delivery, outcome, audit));
  }

  async deliveries({ sinkId, cursor, limit }: PageWish & { readonly sinkId?: string | undefined }): Promise<Page<DeliveryAnswer>> {
    const { items, nextCursor } = await this.#options.store.listNotifyDeliveries({
      limit,
      ...(sinkId === undefined ? {} : { sinkId }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    return { items: items.map(deliveryAnswer), nextCursor };
  }

  /** Under the same id, so that a receiver that has it already can tell. @throws ApiError delivery_unknown, delivery_waiting */
  async repeat(id: string, by: Principal): Promise<DeliveryAnswer> {
    const { store, clock } = this.#options;
    const delivery = await store.getNotifyDelivery(id);
    const sink = delivery && (await store.getNotifySink(delivery.sinkId));
    if (!delivery || !sink) throw new ApiError("delivery_unknown");
    const now = clock.now();
    const audit = auditEntry({
      ...{ at: now, action: "notify_sink.repeated", actor: by, thing: sink.name },
      after: { delivery: id, title: delivery.title },
    });
    const again = await store.repeatNotifyDelivery(id, { nextAt: now, deadline: now + KEEP_TRYING_MS }, audit);
    if (!again) throw new ApiError("delivery_waiting");
    return deliveryAnswer(again);
  }

  async #sink(id: string): Promise<Sink> {
    const sink = await this.#options.store.getNotifySink(id);
    if (!sink) throw new ApiError("sink_unknown");
    return sink;
  }

  async #write(id: string, changes: SinkChanges, audit: NewAuditEntry): Promise<SinkAnswer> {
    const sink = await this.#options.store.changeNotifySink(id, changes, audit);
    if (!sink) throw new ApiError("sink_unknown");
    return this.#fresh(sink);
  }

  async #fresh(sink: Sink): Promise<SinkAnswer> {
    return this.#answer(sink, (await this.#options.store.countNotifyWaiting())[sink.id] ?? 0);
  }

  #audit(what: "created" | "changed" | "rotated" | "tested" | "deleted", by: Principal, deed: SinkDeed): NewAuditEntry {
    return auditEntry({ at: this.#options.clock.now(), action: `notify_sink.${what}`, actor: by, ...deed });
  }

  /** What is refused later anyway is refused now. The address itself is looked up when something is sent. */
  #allowed(text: string): URL {
    const { hosts } = this.#options;
    const url = URL.canParse(text) ? new URL(text) : null;
    const wrong = (message: string): ApiError =>
      new ApiError("request_invalid", { detail: `url: ${message}`, errors: [{ path: "url", message }] });
    if (!url || !["http:", "https:"].includes(url.protocol)) throw wrong("give an address that begins with https://");
    if (url.username !== "" || url.password !== "") throw wrong("leave user and password out of the address");
    if (hosts.names.length === 0) throw new ApiError("notify_hosts_unset");
    const refusal = hosts.refusal(url);
    if (refusal !== null) throw new ApiError("notify_host_refused", { detail: `${capital(refusal)}.` });
    url.hash = "";
    return url;
  }

  #answer(sink: Sink, waiting: number): SinkAnswer {
    const { id, name, kind, enabled, origin, previousUntil, createdAt, createdBy, failingSince, failures, lastError } = sink;
    return {
      ...{ id, name, kind, enabled, origin, createdAt, createdBy, failingSince, failures, lastError, waiting },
      hears: { ...sink.hears },
      previousUntil: previousUntil !== null && previousUntil > this.#options.clock.now() ? previousUntil : null,
      refused: this.#options.hosts.refusal(new URL(origin)),
      ...{ lastDeliveredAt: sink.lastDeliveredAt, pausedAt: sink.pausedAt, dropped: sink.dropped },
    };
  }
}

interface SinkDeed {
  readonly thing: string;
  readonly before?: AuditDetails;
  readonly after?: AuditDetails;
}

/** What may be told of a sink. */
function shown({ id, name, kind, enabled, origin, hears }: NewSink): AuditDetails {
  return { id, name, kind, enabled, origin, hears: { ...hears } };
}

function deliveryAnswer({ message: _m, deadline: _d, nextAt, ...delivery }: Delivery): DeliveryAnswer {
  return { ...delivery, nextAt: delivery.status === "waiting" ? nextAt : null };
}

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

"use client";
import { useId } from "react";
import type { DeliveryAnswer, SinkAnswer } from "../../../protocol/notify-api.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { formatDuration } from "../../components/duration.ts";
import { useLiveNow } from "../../live/hooks.ts";
import { plural } from "../../charts/format.ts";
import { DELIVERY_WORDS, outcomeWords } from "./notification-words.ts";
import { useDeliveries, useRepeat } from "./use-notifications.ts";

interface DeliveryListProps {
  readonly sinks: readonly SinkAnswer[];
  /** Only its deliveries; null: all. */
  readonly chosen: SinkAnswer | null;
  readonly onChoose: (id: string | null) => void;
}

/** What was sent, newest first. */
export function DeliveryList({ sinks, chosen, onChoose }: DeliveryListProps) {
  const deliveries = useDeliveries(chosen?.id ?? null, true);
  const repeat = useRepeat();
  const id = useId();
  const items = deliveries.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section className="st-part" aria-label="Deliveries">
      <header className="no-head">
        <h2>Deliveries</h2>
        <span className="no-choose">
          <label htmlFor={id}>sent to</label>{" "}
          <select id={id} value={chosen?.id ?? ""} onChange={(event) => onChoose(event.target.value === "" ? null : event.target.value)}>
            <option value="">every sink</option>
            {sinks.map((sink) => (
              <option key={sink.id} value={sink.id}>
                {sink.name}
              </option>
            ))}
          </select>
        </span>
      </header>
      <ErrorNote error={deliveries.error ?? repeat.error} />
      {deliveries.data !== undefined && items.length === 0 ? <p className="st-note">Nothing was sent yet.</p> : null}
      <ul className="no-deliveries">
        {items.map((delivery) => (
          <DeliveryRow
            key={delivery.id}
            delivery={delivery}
            sink={sinks.find((sink) => sink.id === delivery.sinkId)?.name ?? ""}
            busy={repeat.isPending && repeat.variables === delivery.id}
            onRepeat={() => repeat.mutate(delivery.id)}
          />
        ))}
      </ul>
      {deliveries.hasNextPage ? (
        <Button disabled={deliveries.isFetchingNextPage} onClick={() => void deliveries.fetchNextPage()}>
          {deliveries.isFetchingNextPage ? "Reading…" : "Older"}
        </Button>
      ) : null}
    </section>
  );
}

interface DeliveryRowProps {
  readonly delivery: DeliveryAnswer;
  readonly sink: string;
  readonly busy: boolean;
  readonly onRepeat: () => void;
}

function DeliveryRow({ delivery, sink, busy, onRepeat }: DeliveryRowProps) {
  const { status, title, createdAt, attempts, nextAt } = delivery;
  const { word, status: mark } = DELIVERY_WORDS[status];
  const words = outcomeWords(delivery);
  return (
    <li data-row>
      <Glyph status={mark} size={14} />
      <div className="no-what">
        <b>{title}</b>
        <p className="st-note">
          <span data-failed={status === "failed"}>{word}</span>
          {attempts > 1 ? `, ${plural(attempts, "try", "tries")}` : ""}
          {words === "" ? "" : `: ${words}`}
          {nextAt === null ? null : <NextTry at={nextAt} />}
        </p>
      </div>
      <span className="no-to">{sink}</span>
      <span className="st-note">
        <RelativeTime at={createdAt} />
      </span>
      {status === "waiting" || delivery.topic === "test" ? (
        <span />
      ) : (
        <Button tone="quiet" disabled={busy} aria-label={`Send again: ${title}`} onClick={onRepeat}>
          {busy ? "Sending…" : "Send again"}
        </Button>
      )}
    </li>
  );
}

function NextTry({ at }: { readonly at: number }) {
  const left = at - useLiveNow(1000);
  return left <= 0 ? null : <>; next try in {formatDuration(left)}</>;
}

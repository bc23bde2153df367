import Link from "next/link";
import type { LoggedEvent } from "../../../protocol/live.ts";
import { formatClock, formatMs, formatUtc } from "../../charts/format.ts";
import { Glyph } from "../../components/glyph.tsx";
import { eventStatus } from "./event-status.ts";
import { actorName, eventLink, sentence } from "./sentence.ts";

/** Later than this between happening and arriving is worth a word: it was back-filled. */
const LATE_MS = 10_000;

export function EventRow({ event, day }: { readonly event: LoggedEvent; readonly day: boolean }) {
  const link = eventLink(event);
  const late = event.receivedAt - event.at;
  return (
    <>
      {day ? (
        <h2 className="ev-day">{new Date(event.at).toLocaleDateString(undefined, { weekday: "long", day: "numeric", month: "long" })}</h2>
      ) : null}
      <div className="ev-row" data-status={eventStatus(event)}>
        <time
          className="ev-time"
          dateTime={new Date(event.at).toISOString()}
          title={`${formatUtc(event.at)}, event ${String(event.id)}, ${event.type}`}
        >
          {formatClock(event.at)}
        </time>
        <Glyph status={eventStatus(event)} size={14} />
        <p className="ev-sentence">
          {sentence(event)}
          {late > LATE_MS ? <span className="ev-note"> arrived {formatMs(late)} later</span> : null}
        </p>
        <span className="ev-actor">{event.actor === "agent" ? "" : actorName(event.actor)}</span>
        {link === null ? (
          <span />
        ) : (
          <Link className="ev-link" href={link.href}>
            {link.label}
          </Link>
        )}
      </div>
    </>
  );
}

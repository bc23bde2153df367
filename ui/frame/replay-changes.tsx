"use client";
/** What changed around a moment: the most telling first, each with how long before or after, and a way to go there. */
import { useQuery } from "@tanstack/react-query";
import { usePathname } from "next/navigation";
import type { NearbyAnswer, NearbyChange } from "../../protocol/replay-api.ts";
import { get, query } from "../api/client.ts";
import { Button } from "../components/button.tsx";
import { ErrorNote } from "../components/error-note.tsx";
import { Glyph } from "../components/glyph.tsx";
import { Sheet } from "../components/sheet.tsx";
import { useLiveStore } from "../live/live-provider.tsx";
import { SETTLE_MS } from "../replay/transitions.ts";
import { useReplay } from "../replay/replay-provider.tsx";
import { eventStatus } from "../screens/events/event-status.ts";
import { useEnvironment } from "./environment.tsx";
import { momentWords, offsetWords } from "./replay-words.ts";

const KIND_WORDS: Readonly<Record<NearbyChange["kind"], string>> = {
  policy: "policy",
  deploy: "deploy",
  instance: "instance",
  incident: "incident",
  transition: "transition",
  pressure: "pressure",
};

export function ReplayChanges({ at, onClose }: { readonly at: number; readonly onClose: () => void }) {
  const { environment } = useEnvironment();
  const live = useLiveStore();
  const replay = useReplay();
  const service = serviceOf(usePathname());
  const nearby = useQuery({
    queryKey: ["nearby", environment, service, at],
    queryFn: ({ signal }) => get<NearbyAnswer>(`/replay/nearby${query({ environment, at: Math.round(at), service })}`, signal),
    staleTime: 30_000,
  });
  const items = nearby.data?.items ?? [];
  const go = (change: NearbyChange): void => {
    replay.seek(change.at + SETTLE_MS);
    onClose();
  };
  return (
    <Sheet
      open
      onClose={onClose}
      title="What changed?"
      description={
        <>
          Around <span className="hf-figure">{momentWords(at, live.liveNow())}</span>
          {service === undefined ? "" : `, in ${service} and what it calls`}. What most often explains trouble comes first.
        </>
      }
    >
      {nearby.isPending ? <p className="hf-hint">Reading the log…</p> : null}
      {nearby.isError ? <ErrorNote error={nearby.error} /> : null}
      {nearby.isSuccess && items.length === 0 ? <p className="hf-hint">Nothing changed within a quarter of an hour of it.</p> : null}
      <ol className="rp-changes">
        {items.map((change) => (
          <li key={change.event.id}>
            <span className="rp-offset hf-figure">{offsetWords(change.offsetMs)}</span>
            <Glyph status={eventStatus(change.event)} size={14} />
            <span className="rp-what">
              <b>{change.text}</b>
              <span className="hf-hint">
                {[KIND_WORDS[change.kind], change.service, change.alike > 0 ? `and ${change.alike} alike` : null]
                  .filter(Boolean)
                  .join(", ")}
              </span>
            </span>
            <Button tone="quiet" aria-label={`Go to ${change.text}`} onClick={() => go(change)}>
              Go there
            </Button>
          </li>
        ))}
      </ol>
    </Sheet>
  );
}

/** The service whose page is open. */
function serviceOf(path: string): string | undefined {
  const name = /^\/services\/([^/]+)$/.exec(path)?.[1];
  return name === undefined ? undefined : decodeURIComponent(name);
}

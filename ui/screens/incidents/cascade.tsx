"use client";
import Link from "next/link";
import type { Suspect } from "../../../protocol/incident-api.ts";
import { formatClock, formatUtc } from "../../charts/format.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import type { IncidentPart } from "./incident-head.tsx";
import { CONFIDENCE_WORDS } from "./incident-words.ts";
import { momentHref, sinceStart } from "./timeline-model.ts";
import { useAct } from "./use-incident-acts.ts";

/** What pulled what down, in order, each with its reasons. People say what is the cause. */
export function Cascade({ incident, environment, refusal }: IncidentPart) {
  const act = useAct(incident.id);
  const { suspects, startedAt } = incident;
  return (
    <section className="in-part" aria-label="What pulled what down">
      <header>
        <h2>What pulled what down</h2>
        <span className="in-note">by first departure from normal, what is called before who calls it</span>
      </header>
      {suspects.length === 0 ? (
        <p className="in-note">Nothing was measured yet. What happens to its services is gathered here.</p>
      ) : (
        <ol className="in-cascade">
          {suspects.map((suspect, index) => (
            <li key={suspect.key} data-first={index === 0} data-confidence={suspect.confidence}>
              <span className="in-place" aria-hidden>
                {index + 1}
              </span>
              <div>
                <p>
                  <b>{suspect.title}</b>{" "}
                  <time dateTime={new Date(suspect.at).toISOString()} title={formatUtc(suspect.at)}>
                    {formatClock(suspect.at)}
                  </time>{" "}
                  <span className="in-note">{sinceStart(suspect.at, startedAt)}</span> <Confidence suspect={suspect} />
                </p>
                <p className="in-reasons">{suspect.reasons.join(". ")}.</p>
                <div className="in-verdict">
                  <Verdict suspect={suspect} verdict="cause" words="Cause" refusal={refusal} act={act} />
                  <Verdict suspect={suspect} verdict="not_cause" words="Not the cause" refusal={refusal} act={act} />
                  <Link className="in-link" href={momentHref(`/services/${encodeURIComponent(suspect.service)}`, suspect.at, environment)}>
                    {suspect.service} as it was
                  </Link>
                </div>
              </div>
            </li>
          ))}
        </ol>
      )}
      <ErrorNote error={act.error} />
    </section>
  );
}

function Confidence({ suspect: { confidence } }: { readonly suspect: Suspect }) {
  return (
    <span className="in-confidence" data-confidence={confidence}>
      {CONFIDENCE_WORDS[confidence]}
    </span>
  );
}

function Verdict({
  suspect,
  verdict,
  words,
  refusal,
  act,
}: {
  readonly suspect: Suspect;
  readonly verdict: "cause" | "not_cause";
  readonly words: string;
  readonly refusal: string | undefined;
  readonly act: ReturnType<typeof useAct>;
}) {
  const said = suspect.mark?.verdict === verdict;
  return (
    <Button
      tone="quiet"
      refusal={refusal}
      disabled={act.isPending}
      aria-pressed={said}
      aria-label={`${words}: ${suspect.title}`}
      onClick={() => act.mutate({ do: "mark", symptom: suspect.key, verdict: said ? "none" : verdict })}
    >
      {words}
    </Button>
  );
}

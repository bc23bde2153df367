"use client";
import type { IncidentAnswer, WriteUp } from "../../../protocol/incident-api.ts";
import { savedWords, shedTotal } from "../../../core/incidents/accounting.ts";
import { useSwitches } from "../../api/queries.ts";
import { formatNumber, UNKNOWN } from "../../charts/format.ts";
import { lossSentence } from "./incident-words.ts";
import { useTimeline } from "./use-incidents.ts";

interface ImpactProps {
  readonly incident: IncidentAnswer;
  readonly story: WriteUp | null;
  readonly environment: string;
}

/** What it cost so far, and what protection kept away. Counted from stored samples. */
export function ImpactStrip({ incident, story, environment }: ImpactProps) {
  const impact = story?.impact ?? null;
  const minutes = story?.severityMinutes.reduce((sum, entry) => sum + entry.minutes, 0) ?? null;
  const figures: readonly (readonly [word: string, value: number | null, note: string])[] = [
    [
      "Minutes open",
      minutes,
      story?.severityMinutes.map((entry) => `SEV${String(entry.severity)} ${formatNumber(entry.minutes)}`).join(", ") ?? "",
    ],
    ["Failed requests", impact?.errors ?? null, impact === null ? "" : `of ${formatNumber(impact.requests)}`],
    [
      "Shed",
      impact === null ? null : shedTotal(impact.shed),
      impact === null ? "" : `${formatNumber(impact.shed.critical)} of them critical`,
    ],
    ["Short-circuited", impact?.shortCircuited ?? null, "answered at once by open breakers"],
    ["Fallbacks served", impact?.fallbacks ?? null, "instead of an error"],
  ];
  return (
    <section className="in-impact" aria-label="What it cost">
      <dl className="in-figures">
        {figures.map(([word, value, note]) => (
          <div key={word}>
            <dt>{word}</dt>
            <dd>{value === null ? UNKNOWN : formatNumber(value)}</dd>
            <dd className="in-note">{note}</dd>
          </div>
        ))}
      </dl>
      {impact === null ? null : (
        <p className="in-saved">
          {lossSentence(impact)} {savedWords(impact)}
        </p>
      )}
      <Losses id={incident.id} environment={environment} />
    </section>
  );
}

/** What users lost by switches that people flipped meanwhile, as the switch says it. */
function Losses({ id, environment }: { readonly id: string; readonly environment: string }) {
  const changes = useTimeline(id, { kinds: ["change"], noise: false, pinned: false });
  const switches = useSwitches(environment).data ?? [];
  const flipped = new Set(
    changes.data?.pages.flatMap(({ items }) =>
      items.flatMap(({ event }) => (event?.type === "flip.created" ? [event.data["switch"]] : [])),
    ) ?? [],
  );
  const lost = switches.filter(({ key }) => flipped.has(key));
  if (lost.length === 0) return null;
  return (
    <p className="in-saved">Switched meanwhile: {lost.map(({ title, whatUsersLose }) => `${title} (${whatUsersLose})`).join(", ")}.</p>
  );
}

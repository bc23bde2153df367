import type { ReactNode } from "react";
import type { WriteUp } from "../../../protocol/incident-api.ts";
import { savedWords } from "../../../core/incidents/accounting.ts";
import { actorName, lasting, utc } from "../../../core/incidents/words.ts";
import { formatNumber, formatPermille } from "../../charts/format.ts";
import { CONFIDENCE_WORDS } from "./incident-words.ts";

/** The story as it will be read. Times are UTC. */
export function WriteUpPreview({ story }: { readonly story: WriteUp }) {
  const { impact, resolvedAt } = story;
  const { low, medium, high, critical } = impact.shed;
  return (
    <article className="in-article">
      <h3 className="in-article-title">
        Incident {story.number}: {story.title}
      </h3>
      <p className="in-note">
        {story.environment}, {story.status}. From {utc(story.startedAt)} {resolvedAt === null ? "UTC on" : `to ${utc(resolvedAt)} UTC`},{" "}
        {lasting(story.durationMs)}.
      </p>
      <Part title="Summary">
        <p className="in-prose">{story.summary}</p>
      </Part>
      <Part title="Impact">
        {impact.truncated ? <p>At least, for not everything could be read:</p> : null}
        <dl className="in-pairs">
          {story.severityMinutes.map(({ severity, minutes }) => (
            <Pair key={severity} word={`Minutes in SEV${String(severity)}`} value={formatNumber(minutes)} />
          ))}
          <Pair word="Requests" value={formatNumber(impact.requests)} />
          <Pair word="Failed requests" value={formatNumber(impact.errors)} />
          <Pair
            word="Highest share of failures"
            value={impact.peakErrorPermille === null ? "unknown" : `${formatPermille(impact.peakErrorPermille)} %`}
          />
          <Pair word="Failed calls behind breakers" value={formatNumber(impact.failures)} />
          <Pair word="Answered at once by open breakers" value={formatNumber(impact.shortCircuited)} />
          <Pair word="Fallbacks served" value={formatNumber(impact.fallbacks)} />
          <Pair word="Shed: low, medium, high, critical" value={[low, medium, high, critical].map(formatNumber).join(", ")} />
        </dl>
        <p>{savedWords(impact)}</p>
      </Part>
      <Part title="Detection">
        <p>{story.detection}</p>
      </Part>
      <Part title="Trigger">
        <p className="in-prose">{story.trigger}</p>
      </Part>
      <Part title="Cascade">
        {story.cascade.length === 0 ? <p>Nothing was measured.</p> : null}
        <ol className="in-numbered">
          {story.cascade.map(({ key, title, confidence, reasons }) => (
            <li key={key}>
              {title} ({CONFIDENCE_WORDS[confidence]}). <span className="in-note">{reasons.join(". ")}.</span>
            </li>
          ))}
        </ol>
      </Part>
      <List title="Contributing factors" lines={story.contributing} />
      <Part title="Timeline">
        <ul className="in-story-lines">
          {story.timeline.map(({ key, utc: time, title, text, actor, pinned }) => (
            <li key={key} data-pinned={pinned}>
              <time>{time.slice(11)}</time> {text === "" ? title : title === "Note" ? text : `${title}: ${text}`}{" "}
              <span className="in-note">{actor}</span>
            </li>
          ))}
        </ul>
        {story.timelineTruncated ? <p className="in-note">The timeline is longer than this.</p> : null}
      </Part>
      <Part title="Changes and reverts">
        {story.changes.length === 0 ? <p>None.</p> : null}
        <ul className="in-story-lines">
          {story.changes.map(({ at, utc: time, title, actor, revertedAt }) => (
            <li key={`${String(at)} ${title}`}>
              <time>{time.slice(11)}</time> {title}{" "}
              <span className="in-note">
                {actorName(actor)}, {revertedAt === null ? "not taken back" : `taken back ${utc(revertedAt).slice(11)}`}
              </span>
            </li>
          ))}
        </ul>
      </Part>
      <List title="What went well" lines={story.wentWell} />
      <List title="What went badly" lines={story.wentBadly} />
      <List title="Where we got lucky" lines={story.lucky} />
      <Part title="Actions">
        {story.actions.length === 0 ? <p>None.</p> : null}
        <ul className="in-story-lines">
          {story.actions.map(({ text, type, owner, link }) => (
            <li key={`${type} ${text}`}>
              {text}{" "}
              <span className="in-note">
                {type}, {owner ?? "nobody yet"}
              </span>{" "}
              {link === null ? null : (
                <a href={link} rel="noreferrer noopener" target="_blank">
                  {link}
                </a>
              )}
            </li>
          ))}
        </ul>
      </Part>
      {story.charts.length === 0 ? null : (
        <Part title="Charts">
          {story.charts.map(({ title, svg }) => (
            <figure key={title} className="in-svg">
              <figcaption className="in-note">{title}</figcaption>
              {/* As an image nothing in it can run. */}
              <img src={`data:image/svg+xml,${encodeURIComponent(svg)}`} alt={title} />
            </figure>
          ))}
        </Part>
      )}
    </article>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section>
      <h4>{title}</h4>
      {children}
    </section>
  );
}

function List({ title, lines }: { readonly title: string; readonly lines: readonly string[] }) {
  return (
    <Part title={title}>
      {lines.length === 0 ? <p className="in-note">Nothing named.</p> : null}
      <ul className="in-bullets">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </Part>
  );
}

function Pair({ word, value }: { readonly word: string; readonly value: string }) {
  return (
    <div>
      <dt>{word}</dt>
      <dd>{value}</dd>
    </div>
  );
}

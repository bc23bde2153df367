"use client";
import type { WriteUp } from "../../../protocol/incident-api.ts";
import type { IncidentPart } from "./incident-head.tsx";
import { CopyMarkdown } from "./copy-markdown.tsx";
import { ReviewEditor } from "./review-editor.tsx";
import { WriteUpPreview } from "./write-up-preview.tsx";

/** What people say of it afterwards beside the whole story, and the story to take away. */
export function WriteUpTab({ incident, refusal, story }: IncidentPart & { readonly story: WriteUp | null }) {
  const path = `/api/v1/incidents/${encodeURIComponent(incident.id)}/write-up`;
  const file = `incident-${String(incident.number)}`;
  return (
    <div className="in-columns" data-even="true">
      <ReviewEditor incident={incident} refusal={refusal} />
      <section className="in-part in-story" aria-label="Write-up">
        <header>
          <h2>Write-up</h2>
          <span className="hf-grow" />
          <CopyMarkdown id={incident.id} />
          <a className="hf-button" href={`${path}?format=markdown`} download={`${file}.md`}>
            Markdown
          </a>
          <a className="hf-button" href={`${path}?format=json`} download={`${file}.json`}>
            JSON
          </a>
        </header>
        {story === null ? <p className="in-note">Writing it up…</p> : <WriteUpPreview story={story} />}
      </section>
    </div>
  );
}

"use client";

import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { PreviewAnswer, SwitchAnswer } from "../../../protocol/api.ts";
import { post, query } from "../../api/client.ts";
import { plural } from "../../charts/format.ts";
import { ErrorNote } from "../../components/error-note.tsx";
import { previewRequest, type FlipForm } from "./flip-form.ts";
import { someOf } from "./switch-state.ts";

/** Read again this often while the sheet is open: instances come and go. */
const PREVIEW_MS = 5_000;

export function usePreview(key: string, form: FlipForm, environment: string): UseQueryResult<PreviewAnswer> {
  const request = previewRequest(form);
  return useQuery({
    queryKey: ["preview", environment, key, request],
    enabled: request !== null,
    queryFn: () => post<PreviewAnswer>(`/switches/${encodeURIComponent(key)}/preview${query({ environment })}`, request),
    refetchInterval: PREVIEW_MS,
    placeholderData: keepPreviousData,
  });
}

/** Who is hit, who gets it later, who will refuse, and what it goes back to. */
export function PreviewPart({
  form,
  entry,
  preview,
}: {
  readonly form: FlipForm;
  readonly entry: SwitchAnswer;
  readonly preview: UseQueryResult<PreviewAnswer>;
}) {
  const asked = previewRequest(form) !== null;
  return (
    <section className="sw-part" aria-label="What this hits">
      <h3>
        What this hits <span className="sw-note">as of now</span>
      </h3>
      {!asked ? <p className="sw-note">{form.position === "" ? "Choose a position to see it." : "Choose the scope to see it."}</p> : null}
      {asked && preview.isError ? <ErrorNote error={preview.error} /> : null}
      {asked && preview.data !== undefined && !preview.isError ? (
        <Hits answer={preview.data} form={form} entry={entry} old={preview.isPlaceholderData} />
      ) : null}
      {asked && preview.isPending ? <p className="sw-note">Counting…</p> : null}
    </section>
  );
}

function Hits({
  answer,
  form,
  entry,
  old,
}: {
  readonly answer: PreviewAnswer;
  readonly form: FlipForm;
  readonly entry: SwitchAnswer;
  readonly old: boolean;
}) {
  const already = answer.instances.filter((instance) => instance.position === form.position).length;
  return (
    <div className="sw-hits" data-old={old}>
      <dl className="sw-figures">
        <Figure value={answer.targeted} word={answer.targeted === 1 ? "instance" : "instances"} />
        <Figure value={answer.services.length} word={answer.services.length === 1 ? "service" : "services"} />
        <Figure value={Math.max(0, answer.live - answer.refusals.length)} word="can apply now" />
        <Figure value={answer.absent} word="away, get it later" />
      </dl>
      <p>
        {answer.targeted === 0 ? <b className="sw-warn">It hits nobody. </b> : null}
        {answer.refusals.length > 0 ? <b className="sw-warn">{answer.refusals.length} will refuse. </b> : null}
        {already > 0 && already < answer.targeted ? `${String(already)} already there. ` : ""}
        {form.position === entry.positions[0] ? "Users have everything back. " : `Users: ${lowerFirst(entry.whatUsersLose)}. `}
        {form.expiry === "none" ? "It ends only when reverted; then it returns to " : "When it ends it returns to "}
        <b>{answer.returnsTo}</b>.
      </p>
      {answer.services.length > 1 || answer.refusals.length > 0 ? (
        <details className="sw-details">
          <summary>
            {someOf(
              answer.services.map((part) => `${part.service} ${String(part.instances)}`),
              6,
            )}
          </summary>
          <ul>
            {answer.instances.map((instance) => {
              const refusal = answer.refusals.find((entry) => entry.instance === instance.instance);
              return (
                <li key={instance.instance}>
                  <span>{instance.instance}</span>
                  <span className={refusal === undefined ? "sw-note" : "sw-warn"}>
                    {refusal?.reason ?? (instance.live ? `at ${instance.position ?? "unknown"}` : "away")}
                  </span>
                </li>
              );
            })}
          </ul>
        </details>
      ) : null}
      <span className="hf-unseen" role="status">
        {plural(answer.targeted, "instance")} targeted, {answer.refusals.length} would refuse
      </span>
    </div>
  );
}

function Figure({ value, word }: { readonly value: number; readonly word: string }) {
  return (
    <div>
      <dd>{value}</dd>
      <dt>{word}</dt>
    </div>
  );
}

function lowerFirst(text: string): string {
  const bare = text.replace(/\.$/, "");
  return /^[A-Z][a-z]/.test(bare) ? bare.charAt(0).toLowerCase() + bare.slice(1) : bare;
}

import type { UseQueryResult } from "@tanstack/react-query";
import type { ChangeSetPreview } from "../../../protocol/change-set-api.ts";
import { ErrorNote } from "../../components/error-note.tsx";
import { plural } from "../../charts/format.ts";
import { itemText, type Draft } from "./draft.ts";

/** What each change would do, what would end, and what is left alone. */
export function SetPreview({ draft, preview }: { readonly draft: Draft; readonly preview: UseQueryResult<ChangeSetPreview> }) {
  const { items, ends, notes, purpose } = draft;
  const look = preview.data?.items ?? [];
  return (
    <section className="sw-part" aria-label="What this changes">
      <h3>
        What this changes <span className="sw-note">as of now</span>
      </h3>
      {items.length + ends.length === 0 ? <p className="sw-note">Nothing: it is so already.</p> : null}
      {preview.isError ? <ErrorNote error={preview.error} /> : null}
      <ul className="pl-changes">
        {items.map((item, i) => (
          <ItemLine key={JSON.stringify(item)} item={item} look={look[i]} renews={purpose === "ladder"} />
        ))}
        {ends.map(({ id, text, replaced }) => (
          <li key={id}>
            <b>{text}</b>{" "}
            <span className="sw-note">
              {replaced === true ? "ends: the new one takes its place" : "ends: what lies beneath shows again"}
            </span>
          </li>
        ))}
      </ul>
      {notes.length === 0 ? null : (
        <ul className="pl-notes" aria-label="Left alone">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

interface ItemLineProps {
  readonly item: Draft["items"][number];
  readonly look: ChangeSetPreview["items"][number] | undefined;
  /** Made even where it is so already, so that its time begins anew. */
  readonly renews: boolean;
}

function ItemLine({ item, look, renews }: ItemLineProps) {
  const { subject, to, scope } = itemText(item);
  const already = look?.already === true;
  return (
    <li data-already={already && !renews}>
      <b>{subject}</b>{" "}
      {look === undefined || look.now === "" || already ? null : (
        <>
          <span>{look.now}</span> <span aria-label="to">→</span>{" "}
        </>
      )}
      <span className="pl-to">{to}</span> {scope === null ? null : <span className="sw-note">{scope} </span>}
      <span className="sw-note">
        {already ? (renews ? "already so, its time begins anew; " : "already so, not made again; ") : ""}
        {look === undefined ? "counting…" : reachText(look)}
      </span>
      {look === undefined || look.refusals === 0 ? null : <span className="sw-warn"> {look.refusals} will refuse.</span>}
      {look?.problem == null ? null : <p className="sw-warn">{look.problem.detail}</p>}
    </li>
  );
}

const reachText = ({ targeted, absent }: ChangeSetPreview["items"][number]): string =>
  `${plural(targeted, "instance")}${absent === 0 ? "" : `, ${String(absent)} away`}`;

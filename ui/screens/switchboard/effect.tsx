"use client";

import type { EffectAnswer } from "../../../protocol/effect-api.ts";
import { formatMs } from "../../charts/format.ts";
import { changedOf, changeWords, exactWords, isWhole, MEASURES, valueOf, wayOf } from "./effect-words.ts";
import { useEffectOf } from "./use-effect-of.ts";

/** Beside the receipt, what it did: the same instances a minute before and after. It says what was, never that one caused the other. */
export function Effect({ flipId }: { readonly flipId: string }) {
  const effect = useEffectOf(flipId);
  if (effect.data === undefined) return effect.isError ? <p className="sw-note">What it did cannot be read now.</p> : null;
  const { data } = effect;
  const { changed, none } = changedOf(data);
  const exact = exactWords(data);
  return (
    <section className="sw-part" aria-label="Effect">
      <h3>
        A minute before and after, on the same {sameInstances(data)}
        {isWhole(data) ? null : <span className="sw-note"> · {formatMs(data.afterMs)} of the minute after so far</span>}
      </h3>
      {data.measures.length === 0 ? (
        <p className="sw-note">Nothing was stored of them: their agents send none of these figures.</p>
      ) : (
        <table className="sw-effect">
          <thead>
            <tr>
              <th scope="col">Measured</th>
              <th scope="col">Before</th>
              <th scope="col">After</th>
              <th scope="col">Change</th>
            </tr>
          </thead>
          <tbody>
            {changed.map(({ name, before, after }) => (
              <tr key={name}>
                <th scope="row">{MEASURES[name].label}</th>
                <td>{valueOf(before, MEASURES[name].unit)}</td>
                <td>{valueOf(after, MEASURES[name].unit)}</td>
                <td data-way={wayOf(name, before, after)}>{changeWords(before, after)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {none.length === 0 ? null : <p className="sw-note">{none.join(", ")}: none, before or after</p>}
      {exact === null ? null : <p className="sw-note">{exact}</p>}
      {data.endedAt === null ? null : <p className="sw-note">It ended before a minute had passed; what came later is not counted.</p>}
      {data.truncated ? <p className="sw-note">More was stored than one answer reads: these figures are of a part.</p> : null}
    </section>
  );
}

const sameInstances = ({ instances }: EffectAnswer): string => (instances === 1 ? "instance" : `${String(instances)} instances`);

/** What the change that proved a switch did, in a line for each figure; the whole table is with its receipt. */
export function ProofEffect({ flipId }: { readonly flipId: string }) {
  const { data, isError } = useEffectOf(flipId);
  if (data === undefined) return isError ? <p className="sw-note">What it did cannot be read now.</p> : null;
  const { changed, none } = changedOf(data);
  const told = changed.filter(({ name }) => name !== "requests");
  const exact = exactWords(data);
  return (
    <div className="pl-did" role="group" aria-label="What it did">
      <p className="sw-note">
        A minute before and after, on the same {sameInstances(data)}
        {isWhole(data) ? "" : `, ${formatMs(data.afterMs)} of it so far`}:{" "}
        {data.measures.length === 0 ? "nothing of it is kept." : told.length === 0 ? `no ${none.join(", no ")}.` : null}
      </p>
      {told.length === 0 ? null : (
        <ul>
          {told.map(({ name, before, after }) => (
            <li key={name}>
              {MEASURES[name].label}{" "}
              <span className="sw-mono">
                {valueOf(before, MEASURES[name].unit)} <span aria-label="to">→</span> {valueOf(after, MEASURES[name].unit)}
              </span>{" "}
              <b data-way={wayOf(name, before, after)}>{changeWords(before, after)}</b>
            </li>
          ))}
        </ul>
      )}
      {exact === null ? null : <p className="sw-note">{exact}</p>}
    </div>
  );
}

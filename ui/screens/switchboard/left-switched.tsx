"use client";

import { PROMISED } from "./left.ts";
import type { ChangeAnswer } from "../../../protocol/api.ts";
import type { ChangeSetAnswer } from "../../../protocol/change-set-api.ts";
import { plural } from "../../charts/format.ts";
import { Button } from "../../components/button.tsx";
import { Countdown } from "../../components/countdown.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { actorName } from "../events/sentence.ts";
import { changeText } from "./draft.ts";
import { TickBox, tickedOf } from "./tick-box.tsx";
import { toggled, toggledAll } from "./ticked.ts";

export interface LeftSwitchedProps {
  /** In force, oldest first. */
  readonly changes: readonly ChangeAnswer[];
  /** Made as one and not taken back, newest first. */
  readonly sets: readonly ChangeSetAnswer[];
  readonly refusal: string | undefined;
  readonly onSwitch: (key: string) => void;
  readonly onPutBack: () => void;
  readonly onSet: (id: string) => void;
  /** Ids of changes. */
  readonly ticked: readonly string[];
  readonly onTicked: (ids: readonly string[]) => void;
}

/** Everything on or overridden, whatever its kind: who, why, since when, and until when. The oldest stands first, for it is the most forgotten. */
export function LeftSwitched({ changes, sets, refusal, onSwitch, onPutBack, onSet, ticked, onTicked }: LeftSwitchedProps) {
  const ids = changes.map(({ id }) => id);
  const endless = changes.filter(({ expiresAt }) => expiresAt === null).length;
  return (
    <>
      <section className="sw-board" aria-label="Left switched">
        <header className="pl-left-head">
          {changes.length === 0 ? null : (
            <TickBox
              label={`Tick all ${String(changes.length)}`}
              ticked={tickedOf(ids, ticked)}
              onTick={() => onTicked(toggledAll(ticked, ids))}
            />
          )}
          <span>
            {changes.length === 0
              ? "Nothing was left switched."
              : `${plural(changes.length, "change")} in force${endless === 0 ? "" : `, ${String(endless)} without an end`}.`}
          </span>
          {changes.length === 0 ? null : (
            <Button className="sw-push" refusal={refusal} onClick={onPutBack}>
              Put back all {changes.length}
            </Button>
          )}
        </header>
        <ul>
          {changes.map((change) => (
            <li key={change.id} className="pl-left" data-ticked={ticked.includes(change.id)}>
              <TickBox
                label={`Tick ${changeText(change)}`}
                ticked={ticked.includes(change.id)}
                onTick={() => onTicked(toggled(ticked, change.id))}
              />
              <Glyph status={change.kind === "switch" ? "switched" : "forced"} size={14} label={PROMISED[change.kind]} />
              <span className="pl-left-what">
                {change.kind === "switch" ? (
                  <button type="button" className="sw-link" onClick={() => onSwitch(change.key)}>
                    {changeText(change)}
                  </button>
                ) : (
                  <b>{changeText(change)}</b>
                )}
                <span className="sw-note">
                  {PROMISED[change.kind]}
                  {change.purpose === undefined ? "" : change.purpose === "ladder" ? ", by the ladder" : ", a drill"}
                </span>
              </span>
              <span className="pl-left-why">
                <span>
                  {actorName(change.author)}, <RelativeTime at={change.createdAt} />
                </span>
                <span className="sw-note">{change.reason}</span>
              </span>
              <span className="pl-left-ends">
                {change.expiresAt === null ? <span className="sw-endless">never ends</span> : <Countdown at={change.expiresAt} />}
              </span>
            </li>
          ))}
        </ul>
      </section>
      {sets.length === 0 ? null : (
        <section className="pl-sets" aria-label="Made as one">
          <h2>Made as one</h2>
          {sets.map(({ id, title, author, createdAt, made, ended }) => (
            <button key={id} type="button" className="pl-preset" aria-haspopup="dialog" onClick={() => onSet(id)}>
              {title}{" "}
              <span className="sw-note">
                {plural(made.length + ended.length, "change")}, {actorName(author)}, <RelativeTime at={createdAt} />
              </span>
            </button>
          ))}
        </section>
      )}
    </>
  );
}

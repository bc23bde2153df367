import { Check } from "lucide-react";
import { Countdown } from "../../components/countdown.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { actorName } from "../events/sentence.ts";
import { formatNumber } from "../../charts/format.ts";
import type { BoardRow } from "./board.ts";
import type { LinkedIncident } from "./linked-incident.ts";
import { ProofLine } from "./proof-line.tsx";
import { TickBox } from "./tick-box.tsx";
import { servicesHit, someOf, switchRowState, type SwitchRowState } from "./switch-state.ts";

export interface SwitchRowProps {
  readonly row: BoardRow;
  /** Requests a second by service. */
  readonly load: ReadonlyMap<string, number>;
  readonly incident: LinkedIncident | null;
  readonly now: number;
  readonly selected: boolean;
  readonly onOpen: () => void;
  /** Null where nothing can be ticked. */
  readonly tick: { readonly ticked: boolean; readonly onTick: () => void } | null;
}

/** One switch: what users lose, where it stands, whether everybody follows, when it ends, who touched it. Opens the sheet, acts on nothing. */
export function SwitchRow({ row: { entry, place }, load, incident, now, selected, onOpen, tick }: SwitchRowProps) {
  const state = switchRowState(entry);
  const opener = (
    <button
      type="button"
      className="sw-row"
      data-selected={selected}
      data-switched={state.switched}
      onClick={onOpen}
      aria-haspopup="dialog"
    >
      <span className="sw-glyph">
        <Glyph status={state.switched ? "switched" : "closed"} size={16} label={state.switched ? "switched" : "normal"} />
      </span>
      <span className="sw-what">
        <b>{entry.title}</b>
        <span className="sw-lose">{entry.whatUsersLose}</span>
        <span className="sw-facts-line">
          <Hit services={servicesHit(entry)} load={load} />
          {place === null ? null : <ProofLine proven={place.proven} now={now} />}
          {incident === null ? null : (
            <span className="pl-incident" data-named={incident.named}>
              <Glyph status="open" size={12} /> incident #{incident.number}
              {incident.named ? "" : " is open here"}
            </span>
          )}
        </span>
      </span>
      <span className="sw-position">
        <span data-switched={state.switched}>{state.position}</span>
        {state.where === null ? null : <span className="sw-note">{state.where}</span>}
      </span>
      <span className="sw-applied">
        <Applied state={state} />
      </span>
      <span className="sw-ends">
        <Ends state={state} />
      </span>
      <span className="sw-last sw-note">
        {entry.lastChange === null ? (
          "never switched"
        ) : (
          <>
            <span>
              {actorName(entry.lastChange.by)}, <RelativeTime at={entry.lastChange.at} />
            </span>
            <span className="sw-reason">{entry.lastChange.reason}</span>
          </>
        )}
      </span>
    </button>
  );
  return (
    <div className="sw-line" data-selected={selected} data-ticked={tick?.ticked === true}>
      {tick === null ? null : <TickBox label={`Tick ${entry.title}`} {...tick} />}
      {opener}
    </div>
  );
}

/** Services it hits, and the requests a second that go through them. */
function Hit({ services, load }: { readonly services: readonly string[]; readonly load: ReadonlyMap<string, number> }) {
  const known = services.filter((service) => load.has(service));
  const sum = known.reduce((total, service) => total + (load.get(service) ?? 0), 0);
  const named = someOf(services);
  return (
    <span className="sw-note">
      {named === "" ? "no service now" : named}
      {known.length === 0 ? "" : `, ${formatNumber(Math.round(sum))} req/s`}
    </span>
  );
}

/** A small check only when every instance follows; else how many, and a bar. */
function Applied({ state }: { readonly state: SwitchRowState }) {
  const text = `${String(state.applied)}/${String(state.total)}`;
  if (state.total === 0) return <span className="sw-note">no instance now</span>;
  if (state.complete) {
    return (
      <span className="sw-mono">
        <Check className="sw-check" size={14} strokeWidth={2.5} aria-label="applied on all" /> {text}
      </span>
    );
  }
  const title = state.unknown > 0 ? `${String(state.unknown)} not heard` : "not all follow yet";
  return (
    <span className="sw-mono sw-incomplete" title={title}>
      <span className="sw-bar" aria-hidden="true">
        <i style={{ width: `${String((state.applied / state.total) * 100)}%` }} />
      </span>
      {text}
      <span className="sw-note">{state.unknown > 0 ? `${String(state.unknown)} unknown` : "pending"}</span>
    </span>
  );
}

function Ends({ state }: { readonly state: SwitchRowState }) {
  if (!state.switched) return null;
  if (state.expiresAt === null) return <span className="sw-endless">no expiry</span>;
  return (
    <>
      <Countdown at={state.expiresAt} />
      {state.endless ? <span className="sw-note">another has no expiry</span> : null}
    </>
  );
}

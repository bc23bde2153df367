"use client";

import { useState } from "react";
import Link from "next/link";
import { Button } from "../../components/button.tsx";
import { Chip } from "../../components/chip.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { Sheet } from "../../components/sheet.tsx";
import { useNow, usePast } from "../../live/hooks.ts";
import { useTools } from "../../frame/tools-context.ts";
import type { BoardRow } from "./board.ts";
import { FlipEditor } from "./flip-editor.tsx";
import { firstPosition } from "./flip-form.ts";
import type { LinkedIncident } from "./linked-incident.ts";
import { LiveFlips } from "./live-flips.tsx";
import { Receipt } from "./receipt.tsx";
import { PlaceForm } from "./place-form.tsx";
import { someOf, switchRowState } from "./switch-state.ts";
import { useRefusal } from "./use-refusal.ts";

export interface SwitchSheetProps {
  readonly row: BoardRow;
  /** Names in use. */
  readonly capabilities: readonly string[];
  readonly environment: string;
  readonly incident: LinkedIncident | null;
  readonly onClose: () => void;
}

/** One switch, open: what is in force, and a change with its consequences before it is made and its receipt after. */
export function SwitchSheet({ row: { entry, place }, capabilities, environment, incident, onClose }: SwitchSheetProps) {
  const [flipId, setFlipId] = useState<string | null>(null);
  const [target, setTarget] = useState<string | null>(() => firstPosition(entry));
  const refusal = useRefusal();
  const past = usePast();
  const now = useNow(60_000);
  const { act } = useTools();
  const state = switchRowState(entry);
  const live = entry.flips.filter((flip) => flip.status === "live");
  return (
    <Sheet
      open
      onClose={onClose}
      title={
        <>
          <Glyph status={state.switched ? "switched" : "closed"} size={16} label={state.switched ? "switched" : "normal"} />
          <span className="sw-sheet-name">{entry.title}</span>
          <span className="sw-arrow">
            <Chip {...(state.switched ? { status: "switched" as const } : {})}>{state.position}</Chip>
            {past || target === null || target === state.position || flipId !== null ? null : (
              <>
                <span aria-label="to">→</span>
                <Chip {...(target === entry.positions[0] ? {} : { status: "switched" as const })}>{target}</Chip>
              </>
            )}
          </span>
        </>
      }
      description={
        <>
          {entry.whatUsersLose.replace(/\.$/, "")}. <code>{entry.key}</code> in {someOf(entry.services, 6) || "no service now"}
        </>
      }
    >
      {incident === null ? null : (
        <p className="sw-note">
          <Link href={`/incidents/${String(incident.number)}`}>Incident #{incident.number}</Link>{" "}
          {incident.named ? "is named by its reason." : "is open in a service of it."}
        </p>
      )}
      {flipId === null ? (
        <>
          {live.length > 0 ? <LiveFlips flips={live} refusal={refusal} onReceipt={setFlipId} /> : null}
          {past ? (
            <div className="sw-part">
              <p className="sw-note">{refusal}</p>
              <div className="sw-actions">
                <Button
                  onClick={() => {
                    onClose();
                    act("as-it-was");
                  }}
                >
                  As it was: what differs now
                </Button>
              </div>
            </div>
          ) : (
            <FlipEditor entry={entry} refusal={refusal} onTarget={setTarget} onFlipped={setFlipId} />
          )}
          {place === null || past ? null : (
            <PlaceForm {...{ entry, place, capabilities, environment, refusal, now }} onReceipt={setFlipId} />
          )}
        </>
      ) : (
        <Receipt flipId={flipId} refusal={refusal} onBack={() => setFlipId(null)} onClose={onClose} />
      )}
    </Sheet>
  );
}

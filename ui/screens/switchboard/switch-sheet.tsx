"use client";

import { useState } from "react";
import type { SwitchAnswer } from "../../../protocol/api.ts";
import { useMe } from "../../api/queries.ts";
import { Button } from "../../components/button.tsx";
import { Chip } from "../../components/chip.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { Sheet } from "../../components/sheet.tsx";
import { usePast } from "../../live/hooks.ts";
import { useTools } from "../../frame/tools-context.ts";
import { usePastRefusal } from "../../replay/replay-provider.tsx";
import { FlipEditor } from "./flip-editor.tsx";
import { firstPosition } from "./flip-form.ts";
import { LiveFlips } from "./live-flips.tsx";
import { Receipt } from "./receipt.tsx";
import { switchRowState } from "./switch-state.ts";

/** Why this person may not act, or undefined. The server decides; this only says it beforehand. */
function useRefusal(): string | undefined {
  const me = useMe();
  const past = usePastRefusal();
  if (past !== undefined) return past;
  if (me.data === undefined) return me.isError ? "It is not known what you may do. Reload the page." : "Asking what you may do…";
  return me.data.role === "viewer" ? "You are a viewer: you see everything and change nothing. Ask an operator." : undefined;
}

/** One switch, open: what is in force, and a change with its consequences before it is made and its receipt after. */
export function SwitchSheet({ entry, onClose }: { readonly entry: SwitchAnswer; readonly onClose: () => void }) {
  const [flipId, setFlipId] = useState<string | null>(null);
  const [target, setTarget] = useState<string | null>(() => firstPosition(entry));
  const refusal = useRefusal();
  const past = usePast();
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
          {entry.whatUsersLose.replace(/\.$/, "")}. <code>{entry.key}</code> in {entry.services.join(", ") || "no service now"}
        </>
      }
    >
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
        </>
      ) : (
        <Receipt flipId={flipId} refusal={refusal} onBack={() => setFlipId(null)} onClose={onClose} />
      )}
    </Sheet>
  );
}

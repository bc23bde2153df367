"use client";
import { useState } from "react";
import type { SinkAnswer } from "../../../protocol/notify-api.ts";
import { plural } from "../../charts/format.ts";
import { Button } from "../../components/button.tsx";
import { Chip } from "../../components/chip.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { DELIVERY_WORDS, hearsWords, KIND_WORDS, outcomeWords, sinkHealth } from "./notification-words.ts";
import { SecretOnce } from "./secret-once.tsx";
import { EditSink } from "./sink-form.tsx";
import { useSinkActs } from "./use-notifications.ts";

type Open = "edit" | "delete" | "rotate" | null;

/** One sink: how it is, what it hears, and what can be done with it. */
export function SinkRow({ sink }: { readonly sink: SinkAnswer }) {
  const [open, setOpen] = useState<Open>(null);
  const { change, rotate, test, remove } = useSinkActs(sink.id);
  const { status, word } = sinkHealth(sink);
  return (
    <li className="no-sink" data-row data-off={!sink.enabled}>
      <div className="no-sink-head">
        <Glyph status={status} size={16} />
        <b>{sink.name}</b>
        <Chip status={status === "unseen" || status === "offline" ? undefined : status}>{word}</Chip>
        <span className="st-note">{KIND_WORDS[sink.kind].name}</span>
        <code>{sink.origin}/…</code>
      </div>
      <p className="no-hears">{hearsWords(sink.hears)}</p>
      <Health sink={sink} />
      {test.data === undefined ? null : (
        <p className="no-answer" role="status">
          <Glyph status={DELIVERY_WORDS[test.data.status].status} size={14} />
          <span>
            The test {test.data.status === "delivered" ? "arrived" : "did not arrive"}: {outcomeWords(test.data)}
          </span>
        </p>
      )}
      <ErrorNote error={test.error ?? change.error} />
      <div className="st-actions">
        <Button disabled={test.isPending} onClick={() => test.mutate(undefined)}>
          {test.isPending ? "Sending…" : "Send a test"}
        </Button>
        {sink.pausedAt !== null && sink.enabled ? (
          <Button disabled={change.isPending} onClick={() => change.mutate({ enabled: true })}>
            Resume
          </Button>
        ) : null}
        <Button tone="quiet" onClick={() => setOpen(open === "edit" ? null : "edit")} aria-expanded={open === "edit"}>
          Change
        </Button>
        <Button tone="quiet" disabled={change.isPending} onClick={() => change.mutate({ enabled: !sink.enabled })}>
          {sink.enabled ? "Switch off" : "Switch on"}
        </Button>
        {sink.kind === "generic" ? (
          <Button tone="quiet" onClick={() => setOpen(open === "rotate" ? null : "rotate")} aria-expanded={open === "rotate"}>
            New secret
          </Button>
        ) : null}
        <Button tone="quiet" onClick={() => setOpen(open === "delete" ? null : "delete")} aria-expanded={open === "delete"}>
          Delete
        </Button>
      </div>
      {open === "edit" ? <EditSink sink={sink} onClose={() => setOpen(null)} /> : null}
      {open === "rotate" && rotate.data === undefined ? (
        <Confirm
          label={`New secret for ${sink.name}`}
          words="Make a new signing secret? The one before signs too for a day, so that the receiver can follow."
          yes={rotate.isPending ? "Making…" : "Yes, make a new one"}
          error={rotate.error}
          disabled={rotate.isPending}
          onYes={() => rotate.mutate(undefined)}
          onNo={() => setOpen(null)}
        />
      ) : null}
      {open === "rotate" && rotate.data?.secret != null ? (
        <SecretOnce
          secret={rotate.data.secret}
          onClose={() => {
            rotate.reset();
            setOpen(null);
          }}
        />
      ) : null}
      {open === "delete" ? (
        <Confirm
          label={`Delete ${sink.name}`}
          words={`Delete ${sink.name} with its deliveries? ${sink.waiting > 0 ? `${plural(sink.waiting, "notification")} that wait are not sent.` : ""}`}
          yes={remove.isPending ? "Deleting…" : `Yes, delete ${sink.name}`}
          error={remove.error}
          disabled={remove.isPending}
          onYes={() => remove.mutate(undefined)}
          onNo={() => setOpen(null)}
        />
      ) : null}
    </li>
  );
}

function Health({ sink }: { readonly sink: SinkAnswer }) {
  const { failingSince, failures, lastError, lastDeliveredAt, waiting, dropped, refused, previousUntil } = sink;
  return (
    <p className="no-health st-note">
      {lastDeliveredAt === null ? (
        "nothing arrived yet"
      ) : (
        <span>
          last arrived <RelativeTime at={lastDeliveredAt} />
        </span>
      )}
      {failingSince === null ? null : (
        <span className="no-bad">
          failing since <RelativeTime at={failingSince} />, {plural(failures, "try", "tries")}: {lastError ?? "no answer"}
        </span>
      )}
      {refused === null ? null : <span className="no-bad">{refused}</span>}
      {waiting === 0 ? null : <span>{plural(waiting, "notification")} waiting</span>}
      {dropped === 0 ? null : <span>{plural(dropped, "notification")} dropped so far</span>}
      {previousUntil === null ? null : <span>the secret before counts until {new Date(previousUntil).toLocaleString()}</span>}
    </p>
  );
}

interface ConfirmProps {
  readonly label: string;
  readonly words: string;
  readonly yes: string;
  readonly error: unknown;
  readonly disabled: boolean;
  readonly onYes: () => void;
  readonly onNo: () => void;
}

function Confirm({ label, words, yes, error, disabled, onYes, onNo }: ConfirmProps) {
  return (
    <div className="st-confirm" role="group" aria-label={label}>
      <p>{words}</p>
      <ErrorNote error={error} />
      <Button tone="danger" disabled={disabled} onClick={onYes}>
        {yes}
      </Button>
      <Button tone="quiet" onClick={onNo}>
        Leave it
      </Button>
    </div>
  );
}

"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type ReactNode } from "react";
import type { Hears, NewSinkAnswer, SinkAnswer, SinkRequest } from "../../../protocol/notify-api.ts";
import { NOTIFY_TOPICS, SINK_KINDS, type SinkKind } from "../../../protocol/notify.ts";
import { patch, post } from "../../api/client.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Field } from "../../components/field.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { SEVERITIES } from "../incidents/incident-words.ts";
import { useSteadyKey } from "../switchboard/use-steady-key.ts";
import { KIND_WORDS, TOPIC_WORDS } from "./notification-words.ts";
import { SecretOnce } from "./secret-once.tsx";

const INCIDENTS: Hears = { topics: NOTIFY_TOPICS.filter((topic) => topic.startsWith("incident.")), severity: 3, environments: [] };

/** Makes a sink; of a signed one the secret is shown once. */
export function NewSink({ onClose }: { readonly onClose: () => void }) {
  const [kind, setKind] = useState<SinkKind>("slack");
  const client = useQueryClient();
  const keys = useSteadyKey();
  const make = useMutation({
    mutationFn: (request: SinkRequest) => post<NewSinkAnswer>("/notify-sinks", request, keys.keyFor(request)),
    onSuccess: ({ secret }) => {
      if (secret === null) onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["notify"] }),
  });
  if (make.data?.secret != null) return <SecretOnce secret={make.data.secret} onClose={onClose} />;
  return (
    <SinkForm
      label="Add a sink"
      start={{ name: "", url: "", hears: INCIDENTS }}
      urlHint={
        kind === "slack" ? "such as https://hooks.slack.com/services/…; it is a secret and is not shown again" : "it is not shown again"
      }
      urlNeeded
      submit={make.isPending ? "Adding…" : "Add"}
      disabled={make.isPending}
      error={make.error}
      onSubmit={({ name, url, hears }) => make.mutate({ name, kind, url, hears })}
      onClose={onClose}
    >
      <div className="st-field">
        <span>Kind</span>
        <Segmented
          label="Kind"
          value={kind}
          options={[...SINK_KINDS].reverse().map((value) => ({ value, label: KIND_WORDS[value].name }))}
          onChange={setKind}
        />
        <p className="hf-hint">{KIND_WORDS[kind].hint}</p>
      </div>
    </SinkForm>
  );
}

/** Changes a sink; an address that is left empty stays. */
export function EditSink({ sink, onClose }: { readonly sink: SinkAnswer; readonly onClose: () => void }) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: ({ name, url, hears }: Draft) =>
      patch<SinkAnswer>(`/notify-sinks/${encodeURIComponent(sink.id)}`, { name, hears, ...(url === "" ? {} : { url }) }),
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries({ queryKey: ["notify"] }),
  });
  return (
    <SinkForm
      label={`Change ${sink.name}`}
      start={{ name: sink.name, url: "", hears: sink.hears }}
      urlHint={`now at ${sink.origin}; leave it empty to keep it`}
      urlNeeded={false}
      submit={change.isPending ? "Changing…" : "Change"}
      disabled={change.isPending}
      error={change.error}
      onSubmit={(draft) => change.mutate(draft)}
      onClose={onClose}
    />
  );
}

interface Draft {
  readonly name: string;
  readonly url: string;
  readonly hears: Hears;
}

interface SinkFormProps {
  readonly label: string;
  readonly start: Draft;
  readonly urlHint: string;
  readonly urlNeeded: boolean;
  readonly submit: string;
  readonly disabled: boolean;
  readonly error: unknown;
  readonly onSubmit: (draft: Draft) => void;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}

const namesIn = (text: string): string[] => [
  ...new Set(
    text
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== ""),
  ),
];

function SinkForm({ label, start, urlHint, urlNeeded, submit, disabled, error, onSubmit, onClose, children }: SinkFormProps) {
  const [name, setName] = useState(start.name);
  const [url, setUrl] = useState("");
  const [hears, setHears] = useState(start.hears);
  const [environments, setEnvironments] = useState(start.hears.environments.join(", "));
  const id = useId();
  const incidents = hears.topics.some((topic) => topic.startsWith("incident."));
  const ready = name.trim() !== "" && (!urlNeeded || url.trim() !== "") && hears.topics.length > 0;
  return (
    <form
      className="st-new no-form"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !disabled) onSubmit({ name: name.trim(), url: url.trim(), hears: { ...hears, environments: namesIn(environments) } });
      }}
    >
      {children}
      <Field label="Name" value={name} required maxLength={64} autoComplete="off" onChange={(event) => setName(event.target.value)} />
      <Field
        label="Address"
        type="url"
        hint={urlHint}
        value={url}
        required={urlNeeded}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setUrl(event.target.value)}
      />
      <fieldset className="no-topics">
        <legend>Tells of</legend>
        {NOTIFY_TOPICS.map((topic) => (
          <label key={topic}>
            <input
              type="checkbox"
              checked={hears.topics.includes(topic)}
              onChange={(event) =>
                setHears({
                  ...hears,
                  topics: NOTIFY_TOPICS.filter((one) => (one === topic ? event.target.checked : hears.topics.includes(one))),
                })
              }
            />{" "}
            {TOPIC_WORDS[topic]}
          </label>
        ))}
      </fieldset>
      {incidents ? (
        <div className="st-field">
          <span id={`${id}severity`}>Incidents at least as bad as</span>
          <Segmented
            label="Incidents at least as bad as"
            value={String(hears.severity)}
            options={SEVERITIES.map((severity) => ({ value: String(severity), label: `SEV${String(severity)}` }))}
            onChange={(value) => setHears({ ...hears, severity: SEVERITIES.find((severity) => String(severity) === value) ?? 5 })}
          />
        </div>
      ) : null}
      <Field
        label="Environments"
        hint="with commas between; empty means every one"
        value={environments}
        autoComplete="off"
        placeholder="production, staging"
        onChange={(event) => setEnvironments(event.target.value)}
      />
      <ErrorNote error={error} />
      <div className="st-actions">
        <Button type="submit" tone="primary" disabled={disabled || !ready}>
          {submit}
        </Button>
        <Button tone="quiet" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { IncidentAnswer } from "../../../protocol/incident-api.ts";
import type { Severity } from "../../../protocol/incident-rule-api.ts";
import { post, ProblemError, query } from "../../api/client.ts";
import { useMe } from "../../api/queries.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Field } from "../../components/field.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { Sheet } from "../../components/sheet.tsx";
import { useServices } from "../../live/hooks.ts";
import { useSteadyKey } from "../switchboard/use-steady-key.ts";
import { incidentHref, SEVERITIES, SEVERITY_WORDS } from "./incident-words.ts";
import { fromField } from "./local-time.ts";
import { keepIncident } from "./use-incidents.ts";

interface DeclareProps {
  readonly open: boolean;
  readonly environment: string;
  readonly onClose: () => void;
}

/** Opens an incident by hand. It takes in what happens to its services, and stays open until a person says otherwise. */
export function DeclareIncident({ open, environment, onClose }: DeclareProps) {
  return (
    <Sheet
      open={open}
      onClose={onClose}
      title="Declare an incident"
      description="It gathers what happens to the services you name, and stays open until somebody resolves it."
    >
      {open ? <DeclareForm environment={environment} onClose={onClose} /> : null}
    </Sheet>
  );
}

function DeclareForm({ environment, onClose }: Omit<DeclareProps, "open">) {
  const [title, setTitle] = useState("");
  const [severity, setSeverity] = useState<Severity>(3);
  const [services, setServices] = useState<readonly string[]>([]);
  const [began, setBegan] = useState("");
  const me = useMe().data?.name ?? "";
  const [mine, setMine] = useState(true);
  const known = useServices().map(({ name }) => name);
  const client = useQueryClient();
  const router = useRouter();
  const keys = useSteadyKey();
  const startedAt = fromField(began);
  const declare = useMutation({
    mutationFn: () => {
      const body = {
        title: title.trim(),
        severity,
        services,
        ...(startedAt === null ? {} : { startedAt }),
        assignee: mine && me !== "" ? me : null,
      };
      return post<IncidentAnswer>(`/incidents${query({ environment })}`, body, keys.keyFor(body));
    },
    onSuccess: (incident) => {
      void keepIncident(client, incident);
      onClose();
      router.push(incidentHref(incident.number));
    },
    onError: (error) => {
      if (error instanceof ProblemError && error.code === "idempotency_lost") keys.forget();
    },
  });
  return (
    <form
      className="in-form"
      aria-label="Declare an incident"
      onSubmit={(event) => {
        event.preventDefault();
        declare.mutate();
      }}
    >
      <Field
        label="What is wrong"
        hint="as somebody would say it who is woken by it"
        value={title}
        required
        maxLength={120}
        autoFocus
        autoComplete="off"
        placeholder="Customers cannot pay"
        onChange={(event) => setTitle(event.target.value)}
      />
      <div className="in-field">
        <span>Severity; when unsure, the worse one</span>
        <Segmented
          label="Severity"
          value={String(severity)}
          onChange={(value) => setSeverity(SEVERITIES.find((one) => String(one) === value) ?? 3)}
          options={SEVERITIES.map((one) => ({ value: String(one), label: `SEV${String(one)} ${SEVERITY_WORDS[one]}` }))}
        />
      </div>
      <fieldset className="in-choices">
        <legend>Services with trouble</legend>
        {known.length === 0 ? <p className="in-note">No service is connected.</p> : null}
        {known.map((service) => (
          <label key={service}>
            <input
              type="checkbox"
              checked={services.includes(service)}
              onChange={(event) =>
                setServices(event.target.checked ? [...services, service] : services.filter((other) => other !== service))
              }
            />
            {service}
          </label>
        ))}
      </fieldset>
      <Field label="Began, if before now" type="datetime-local" step={1} value={began} onChange={(event) => setBegan(event.target.value)} />
      <label className="in-tick">
        <input type="checkbox" checked={mine} onChange={(event) => setMine(event.target.checked)} /> I take it
      </label>
      <ErrorNote error={declare.error} />
      <div className="in-actions">
        <Button type="submit" tone="primary" disabled={declare.isPending || title.trim() === ""}>
          {declare.isPending ? "Declaring…" : "Declare"}
        </Button>
        <Button tone="quiet" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

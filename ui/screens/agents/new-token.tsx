"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { InstanceState } from "../../../core/fleet.ts";
import type { TokenAnswer } from "../../../protocol/api.ts";
import { post } from "../../api/client.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Field } from "../../components/field.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { useEnvironmentName } from "../../live/hooks.ts";
import { CopyButton } from "../switchboard/copy-button.tsx";
import { servicesOf, snippet } from "./snippet.ts";

type Made = TokenAnswer & { readonly token: string };

/** Makes a token, shows its secret once inside the code that uses it, and notices the first agent that comes with it. */
export function NewToken({ known, onClose }: { readonly known: readonly InstanceState[]; readonly onClose: () => void }) {
  const [name, setName] = useState("");
  const [services, setServices] = useState("");
  const [before, setBefore] = useState<ReadonlySet<string>>(new Set());
  const client = useQueryClient();
  const environment = useEnvironmentName();
  const make = useMutation({
    mutationFn: () => post<Made>("/agent-tokens", { name: name.trim(), environment, services: servicesOf(services) }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["agent-tokens"] }),
  });
  if (make.data !== undefined)
    return (
      <Shown
        made={make.data}
        arrived={known.filter((instance) => !before.has(instance.key) && instance.connectedAt !== null)}
        onClose={onClose}
      />
    );
  return (
    <form
      className="ag-new"
      aria-label="New token"
      onSubmit={(event) => {
        event.preventDefault();
        setBefore(new Set(known.filter((instance) => instance.connectedAt !== null).map((instance) => instance.key)));
        make.mutate();
      }}
    >
      <Field
        label="Name"
        hint="who will hold it: a team, a cluster, a service"
        value={name}
        required
        maxLength={64}
        autoFocus
        autoComplete="off"
        onChange={(event) => setName(event.target.value)}
      />
      <Field
        label="Services"
        hint="it may speak for these only; empty means any"
        value={services}
        autoComplete="off"
        placeholder="orders, payments"
        onChange={(event) => setServices(event.target.value)}
      />
      <ErrorNote error={make.error} />
      <div className="ag-actions">
        <Button type="submit" tone="primary" disabled={make.isPending || name.trim() === ""}>
          Create token
        </Button>
        <Button tone="quiet" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

function Shown({
  made,
  arrived,
  onClose,
}: {
  readonly made: Made;
  readonly arrived: readonly InstanceState[];
  readonly onClose: () => void;
}) {
  const code = snippet({ url: window.location.origin, token: made.token, service: made.services[0] ?? "my-service" });
  return (
    <section className="ag-new" aria-label={`Token ${made.name}`}>
      <h2>Token {made.name}: copy it now, it is not shown again</h2>
      <pre className="hf-code" tabIndex={0}>
        {code}
      </pre>
      <div className="ag-actions">
        <CopyButton text={code}>Copy the snippet</CopyButton>
        <CopyButton text={made.token}>Copy the token alone</CopyButton>
        <Button tone="quiet" onClick={onClose}>
          I have it
        </Button>
      </div>
      <p className="ag-arrival" role="status">
        {arrived.length === 0 ? (
          <>
            <Glyph status="unseen" size={14} /> Waiting for the first agent. It appears here by itself.
          </>
        ) : (
          <>
            <Glyph status="closed" size={14} /> {arrived.map((instance) => instance.key).join(", ")} {arrived.length === 1 ? "is" : "are"}{" "}
            connected.
          </>
        )}
      </p>
    </section>
  );
}

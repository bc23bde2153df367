"use client";
/** From nothing to the first agent: a token, the lines that use it, and the moment it arrives. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { InstanceState } from "../../../core/fleet.ts";
import type { TokenAnswer } from "../../../protocol/api.ts";
import { post } from "../../api/client.ts";
import { useMe } from "../../api/queries.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { useEnvironment } from "../../frame/environment.tsx";
import { CopyButton } from "../switchboard/copy-button.tsx";
import { Arrival } from "./arrival.tsx";
import { FILE, SNIPPETS, SNIPPET_WORDS, snippetOf, TOKEN_PLACES, type SnippetName, type TokenPlace } from "./snippets.ts";
import "./first-run.css";

const PLACE_WORDS: Readonly<Record<TokenPlace, string>> = { code: "token in the code", environment: "token in the environment" };
const NO_TOKEN = "hfa_your_agent_token";
const TOKEN_NAME = "first service";

type Made = TokenAnswer & { readonly token: string };

interface FirstRunProps {
  readonly fleet: readonly InstanceState[];
  /** Somebody is at it: the page stays when the agent arrives. */
  readonly onBegin: () => void;
  readonly onGo: () => void;
}

export function FirstRun({ fleet, onBegin, onGo }: FirstRunProps) {
  const role = useMe().data?.role;
  const { environment } = useEnvironment();
  const [name, setName] = useState<SnippetName>("service");
  const [place, setPlace] = useState<TokenPlace>("code");
  const client = useQueryClient();
  const make = useMutation({
    mutationFn: () => post<Made>("/agent-tokens", { name: TOKEN_NAME, environment, services: [] }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["agent-tokens"] }),
  });
  const arrived = fleet.filter(({ connectedAt }) => connectedAt !== null);
  const came = arrived.length > 0;
  const token = make.data?.token;
  const snippet = snippetOf({ name, url: window.location.origin, token: token ?? NO_TOKEN, place });
  return (
    <div className="fi">
      <header>
        <h1>{came ? "The first agent is here" : "No agent has connected yet"}</h1>
        {came ? null : (
          <p>
            An agent is a small library inside a service. Three steps, and the first service of <b>{environment}</b> is here within a second
            of its start.
          </p>
        )}
      </header>
      {came ? <Arrival arrived={arrived} onGo={onGo} /> : null}
      <ol className="fi-steps">
        <li>
          <h2>A token</h2>
          {token !== undefined ? (
            <p>
              It stands in the lines below. Copy them now: <b>it is not shown again</b>.
            </p>
          ) : role === "admin" ? (
            <>
              <p>It lets services connect, and nothing else.</p>
              <Button
                tone="primary"
                disabled={make.isPending}
                onClick={() => {
                  onBegin();
                  make.mutate();
                }}
              >
                Make a token
              </Button>
            </>
          ) : role === undefined ? null : (
            <p>
              Tokens are made by administrators, and you are {role === "operator" ? "an operator" : "a viewer"}. Ask one of them for a token
              of <b>{environment}</b>: they find it under Agents.
            </p>
          )}
          <ErrorNote error={make.error} />
        </li>
        <li>
          <h2>The lines</h2>
          <div className="hf-row fi-wrap">
            <Segmented
              label="Kind of service"
              value={name}
              options={SNIPPETS.map((value) => ({ value, label: SNIPPET_WORDS[value] }))}
              onChange={setName}
            />
            <Segmented
              label="Where the token stands"
              value={place}
              options={TOKEN_PLACES.map((value) => ({ value, label: PLACE_WORDS[value] }))}
              onChange={setPlace}
            />
          </div>
          <Line text={snippet.install} />
          <p className="hf-hint">{FILE}</p>
          <pre className="hf-code" tabIndex={0} aria-label={FILE}>
            {snippet.code}
          </pre>
          <div className="hf-row" onClickCapture={onBegin}>
            <CopyButton text={snippet.code}>Copy the code</CopyButton>
            {token === undefined ? null : <CopyButton text={token}>Copy the token alone</CopyButton>}
          </div>
        </li>
        <li>
          <h2>Start it</h2>
          <Line text={snippet.start} />
        </li>
      </ol>
      {came ? null : <Arrival arrived={arrived} onGo={onGo} />}
      <p className="hf-hint">
        Or try it with the demo shop, which brings its own services: <code>npm run demo</code>
      </p>
    </div>
  );
}

function Line({ text }: { readonly text: string }) {
  return (
    <div className="fi-line">
      <pre className="hf-code" tabIndex={0} aria-label="Command">
        {text}
      </pre>
      <CopyButton text={text}>Copy</CopyButton>
    </div>
  );
}

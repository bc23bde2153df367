"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { TokenAnswer } from "../../../protocol/api.ts";
import { get, query } from "../../api/client.ts";
import { useMe } from "../../api/queries.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { useFleet } from "../../live/hooks.ts";
import { usePastRefusal } from "../../replay/replay-provider.tsx";
import { InstanceList } from "./instance-list.tsx";
import { NewToken } from "./new-token.tsx";
import { TokenList } from "./token-list.tsx";
import { useHydrated } from "../../live/use-hydrated.ts";
import "./agents.css";

/** Who may speak as an agent, and who does. */
export function AgentsScreen() {
  if (useHydrated()) return <LiveAgents />;
  return (
    <div className="ag">
      <header className="ag-head">
        <h1>Agents</h1>
      </header>
    </div>
  );
}

function LiveAgents() {
  const me = useMe();
  const [making, setMaking] = useState(false);
  const instances = useFleet();
  const tokens = useQuery({
    queryKey: ["agent-tokens"],
    queryFn: async ({ signal }) => (await get<{ items: TokenAnswer[] }>(`/agent-tokens${query({ limit: 200 })}`, signal)).items,
    refetchInterval: 15_000,
    enabled: me.data !== undefined && me.data.role === "admin",
  });
  const past = usePastRefusal();
  const refusal =
    past ??
    (me.data === undefined || me.data.role === "admin"
      ? undefined
      : `Tokens are made by administrators; you are ${me.data.role === "operator" ? "an operator" : "a viewer"}.`);
  return (
    <div className="ag">
      <header className="ag-head">
        <h1>Agents</h1>
        <span className="ag-note">a token lets services connect; it is shown once</span>
        {making ? null : (
          <span className="ag-push">
            <Button tone="primary" refusal={refusal} onClick={() => setMaking(true)}>
              New token
            </Button>
          </span>
        )}
      </header>
      {making && past === undefined ? <NewToken known={instances} onClose={() => setMaking(false)} /> : null}
      <section aria-labelledby="ag-tokens">
        <h2 id="ag-tokens">Tokens</h2>
        {refusal === undefined ? null : (
          <p className="ag-note">{past === undefined ? refusal : "Tokens are not part of a replay. Go back to live to see them."}</p>
        )}
        {tokens.isError ? <ErrorNote error={tokens.error} /> : null}
        {tokens.data === undefined || past !== undefined ? null : <TokenList tokens={tokens.data} />}
      </section>
      <section aria-labelledby="ag-seen">
        <h2 id="ag-seen">
          Instances seen <span className="ag-note ag-mono">{instances.length}</span>
        </h2>
        <InstanceList instances={instances} />
      </section>
    </div>
  );
}

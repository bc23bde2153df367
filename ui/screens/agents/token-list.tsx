"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { TokenAnswer } from "../../../protocol/api.ts";
import { remove } from "../../api/client.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { actorName } from "../events/sentence.ts";

/** Tokens in use first, revoked ones after; each can be revoked in two steps. */
export function TokenList({ tokens }: { readonly tokens: readonly TokenAnswer[] }) {
  if (tokens.length === 0) return <p className="ag-note">No token yet: nothing can connect.</p>;
  const ordered = [...tokens].sort((a, b) => Number(a.revokedAt !== null) - Number(b.revokedAt !== null) || b.createdAt - a.createdAt);
  return (
    <ul className="ag-tokens">
      {ordered.map((token) => (
        <TokenRow key={token.id} token={token} />
      ))}
    </ul>
  );
}

function TokenRow({ token }: { readonly token: TokenAnswer }) {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => remove<unknown>(`/agent-tokens/${encodeURIComponent(token.id)}`),
    onSuccess: () => setAsking(false),
    onSettled: () => client.invalidateQueries({ queryKey: ["agent-tokens"] }),
  });
  const dead = token.revokedAt !== null;
  return (
    <li data-revoked={dead}>
      <Glyph
        status={dead ? "offline" : token.lastUsedAt === null ? "unseen" : "closed"}
        size={14}
        label={dead ? "revoked" : token.lastUsedAt === null ? "never used" : "in use"}
      />
      <span className="ag-token">
        <b>{token.name}</b>
        <code>{token.prefix}…</code>
      </span>
      <span className="ag-services">
        {token.services.length === 0 ? "any service" : token.services.join(", ")}
        {token.environment === null ? null : <span className="ag-note"> in {token.environment}</span>}
      </span>
      <span className="ag-note">
        made by {actorName(token.createdBy)}, <RelativeTime at={token.createdAt} />
      </span>
      <span className="ag-note">
        {token.revokedAt === null ? (
          token.lastUsedAt === null ? (
            "never used"
          ) : (
            <>
              used <RelativeTime at={token.lastUsedAt} />
            </>
          )
        ) : (
          <>
            revoked <RelativeTime at={token.revokedAt} />
          </>
        )}
      </span>
      {dead ? <span /> : asking ? null : <Button onClick={() => setAsking(true)}>Revoke</Button>}
      {asking ? (
        <div className="ag-confirm" role="group" aria-label={`Revoke ${token.name}`}>
          <p>
            Revoke <b>{token.name}</b>? Agents that use it are cut off within 5 s and cannot come back with it. They keep the positions they
            have.
          </p>
          <ErrorNote error={revoke.error} />
          <Button tone="danger" disabled={revoke.isPending} onClick={() => revoke.mutate()}>
            {revoke.isPending ? "Revoking…" : `Yes, revoke ${token.name}`}
          </Button>
          <Button tone="quiet" onClick={() => setAsking(false)}>
            Keep it
          </Button>
        </div>
      ) : null}
    </li>
  );
}

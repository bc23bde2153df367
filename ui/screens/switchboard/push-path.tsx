"use client";

import { useQuery } from "@tanstack/react-query";
import type { ProbeAnswer } from "../../../protocol/effect-api.ts";
import { get, query } from "../../api/client.ts";
import { formatMs } from "../../charts/format.ts";
import { Button } from "../../components/button.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { usePast } from "../../live/hooks.ts";

const AGAIN_MS = 30_000;

/** Whether a flip would arrive, before it is needed: every agent is asked by the way that policy goes. */
export function PushPathNote({ environment }: { readonly environment: string }) {
  const past = usePast();
  const probe = useQuery({
    queryKey: ["probe", environment],
    queryFn: ({ signal }) => get<ProbeAnswer>(`/probe${query({ environment })}`, signal),
    refetchInterval: AGAIN_MS,
    enabled: !past,
  });
  if (past || (probe.data === undefined && !probe.isError)) return null;
  if (probe.data === undefined || probe.isError)
    return <p className="sw-path">Whether agents would hear a flip is not known: the console does not answer.</p>;
  const { data } = probe;
  const deaf = [...data.silent, ...data.absentKeys];
  const count = data.asked - data.answered + data.absent;
  return (
    <p className="sw-path" role="status">
      {data.answered === 0 ? (
        <span>No agent would hear a flip now.</span>
      ) : (
        <span>
          Time to everywhere <b className="sw-mono">{formatMs(data.lastMs)}</b>: {data.answered}{" "}
          {data.answered === 1 ? "agent answers" : "agents answer"}
        </span>
      )}
      {count === 0 ? null : (
        <span title={deaf.join("\n")}>
          <Glyph status="offline" size={12} /> {count} would not hear you: {deaf.slice(0, 3).join(", ")}
          {count > 3 ? ` and ${String(count - 3)} more` : ""}
        </span>
      )}
      <Button tone="quiet" onClick={() => void probe.refetch()}>
        {probe.isFetching ? "Asking…" : "Ask again"}
      </Button>
    </p>
  );
}

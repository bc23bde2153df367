"use client";

import Link from "next/link";
import { linkState, type InstanceState } from "../../../core/fleet.ts";
import type { Status } from "../../../core/health.ts";
import type { LinkState } from "../../../protocol/live.ts";
import { formatMs, UNKNOWN } from "../../charts/format.ts";
import { Glyph } from "../../components/glyph.tsx";
import { Table, type TableColumn } from "../../components/table.tsx";
import { useNow, usePast } from "../../live/hooks.ts";

const GLYPH: Readonly<Record<LinkState, Status>> = { live: "closed", stale: "stale", offline: "offline", unseen: "unseen" };

/** Every instance the console knows, with the state of its link and how old its last word is. */
export function InstanceList({ instances }: { readonly instances: readonly InstanceState[] }) {
  const now = useNow(1000);
  const past = usePast();
  if (instances.length === 0 && past) return <p className="ag-note">No agent had connected by then.</p>;
  if (instances.length === 0)
    return <p className="ag-note">None yet. Make a token and paste the snippet into a service: it appears here within a second.</p>;
  const columns: readonly TableColumn<InstanceState>[] = [
    {
      key: "instance",
      title: "Instance",
      cell: (instance) => {
        const state = linkState(instance, now);
        return (
          <span className="ag-instance">
            <Glyph status={GLYPH[state]} size={14} />
            <b>{instance.instance}</b>
            <span className="ag-note">{instance.left && state === "offline" ? "left" : state}</span>
          </span>
        );
      },
    },
    {
      key: "service",
      title: "Service",
      cell: (instance) => <Link href={`/services/${encodeURIComponent(instance.service)}`}>{instance.service}</Link>,
    },
    { key: "version", title: "Version", figure: true, cell: (instance) => instance.version ?? UNKNOWN },
    {
      key: "resources",
      title: "Resources",
      figure: true,
      cell: (instance) => instance.resources.filter((resource) => resource.retired !== true).length,
    },
    { key: "switches", title: "Switches", figure: true, cell: (instance) => instance.switches.length },
    { key: "policy", title: "Policy", figure: true, cell: (instance) => `r${String(instance.policyRevision)}` },
    {
      key: "frame",
      title: "Last frame",
      figure: true,
      cell: (instance) =>
        instance.lastFrameAt === null ? "never" : `${formatMs(Math.max(0, Math.round((now - instance.lastFrameAt) / 100) * 100))} ago`,
    },
  ];
  return <Table label="Instances seen" columns={columns} rows={instances} rowKey={(instance) => instance.key} />;
}

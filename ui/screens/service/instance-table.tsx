"use client";

import { linkState, valueOf, type InstanceState } from "../../../core/fleet.ts";
import { instanceStatus, statusWord } from "../../../core/health.ts";
import { formatMs, formatNumber, UNKNOWN } from "../../charts/format.ts";
import { Glyph } from "../../components/glyph.tsx";
import { Table, type TableColumn } from "../../components/table.tsx";
import { saturationOf, type PoolView } from "./flow-view.ts";
import { goldenNow } from "./golden-now.ts";
import { resourceGroups, type Rates } from "./members.ts";

interface Row {
  readonly instance: InstanceState;
  readonly golden: ReturnType<typeof goldenNow>;
  readonly pool: { readonly name: string; readonly inUse: PoolView["inUse"]; readonly max: PoolView["max"]; readonly share: number } | null;
}

/** Every instance, by name: its own numbers, never smoothed by its neighbours. */
export function InstanceTable({
  instances,
  rates,
  now,
  revision,
}: {
  readonly instances: readonly InstanceState[];
  readonly rates: Rates;
  readonly now: number;
  readonly revision: number;
}) {
  const rows = instances.map((instance): Row => {
    const groups = resourceGroups([instance], ["server", "pool", "bulkhead"], now);
    let pool: Row["pool"] = null;
    for (const { name, members } of groups) {
      for (const member of members) {
        const share = saturationOf(member);
        if (share !== null && (pool === null || share > pool.share)) {
          pool = {
            name,
            share,
            inUse: valueOf(member.instance, member.resource, "inUse"),
            max: valueOf(member.instance, member.resource, "max"),
          };
        }
      }
    }
    return { instance, golden: goldenNow(groups, rates), pool };
  });
  const columns: readonly TableColumn<Row>[] = [
    { key: "instance", title: "Instance", cell: (row) => <Name instance={row.instance} now={now} /> },
    { key: "version", title: "Version", figure: true, cell: ({ instance }) => instance.version ?? UNKNOWN },
    { key: "requests", title: "Req/s", figure: true, cell: ({ golden }) => formatNumber(golden.requests) },
    { key: "errors", title: "Errors", figure: true, cell: ({ golden }) => <Errors share={golden.errors} /> },
    { key: "p99", title: "p99", figure: true, cell: ({ golden }) => formatMs(golden.p99) },
    { key: "pool", title: "Worst pool", figure: true, cell: ({ pool }) => <Pool pool={pool} /> },
    { key: "policy", title: "Policy", figure: true, cell: ({ instance }) => <Revision held={instance.policyRevision} wanted={revision} /> },
    {
      key: "clock",
      title: "Clock",
      figure: true,
      cell: ({ instance }) =>
        instance.clockSkewMs === null
          ? UNKNOWN
          : `${instance.clockSkewMs >= 0 ? "+" : "−"}${formatMs(Math.abs(Math.round(instance.clockSkewMs)))}`,
    },
    {
      key: "frame",
      title: "Frame",
      figure: true,
      cell: ({ instance }) =>
        instance.lastFrameAt === null ? "never" : formatMs(Math.max(0, Math.round((now - instance.lastFrameAt) / 100) * 100)),
    },
  ];
  return (
    <div>
      <div className="svc-section-head">
        <h2>Instances</h2>
        <span className="svc-note svc-mono">{instances.length}</span>
      </div>
      <Table label="Instances" columns={columns} rows={rows} rowKey={(row) => row.instance.key} />
    </div>
  );
}

function Name({ instance, now }: { readonly instance: InstanceState; readonly now: number }) {
  const status = instanceStatus(instance, now);
  const silent = linkState(instance, now) !== "live";
  return (
    <span className="svc-instance" data-silent={silent}>
      <Glyph status={status} size={14} />
      <b>{instance.instance}</b> <span data-status-word={status}>{statusWord(status)}</span>
    </span>
  );
}

function Errors({ share }: { readonly share: number | null }) {
  const tone = share === null ? "quiet" : share >= 20 ? "open" : share >= 5 ? "warning" : "plain";
  return <span data-tone={tone}>{share === null ? UNKNOWN : `${formatNumber(share)} %`}</span>;
}

function Pool({ pool }: { readonly pool: Row["pool"] }) {
  if (pool === null) return <>{UNKNOWN}</>;
  return (
    <span data-tone={pool.share >= 0.8 ? "warning" : "plain"} title={pool.name}>
      {formatNumber(pool.inUse)}/{formatNumber(pool.max)}
    </span>
  );
}

function Revision({ held, wanted }: { readonly held: number; readonly wanted: number }) {
  return (
    <span title={held < wanted ? `The environment is at r${String(wanted)}; this instance has what concerns it, or is behind.` : undefined}>
      r{held}
    </span>
  );
}

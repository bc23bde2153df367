"use client";
import Link from "next/link";
import { parseAsString, useQueryState } from "nuqs";
import { linkState } from "../../../core/fleet.ts";
import { instanceStatus, statusWord, worst } from "../../../core/health.ts";
import { Glyph } from "../../components/glyph.tsx";
import { Table } from "../../components/table.tsx";
import { useNow, useServices } from "../../live/hooks.ts";

/** Every service, worst state first in its own words, with how many of its instances are live. */
export function ServicesScreen() {
  const services = useServices();
  const now = useNow(1000);
  const [filter, setFilter] = useQueryState("q", parseAsString.withDefault(""));
  const rows = services
    .filter((service) => service.name.toLowerCase().includes(filter.toLowerCase()))
    .map((service) => ({
      ...service,
      status: worst(service.instances.map((instance) => instanceStatus(instance, now))),
      live: service.instances.filter((instance) => linkState(instance, now) === "live").length,
      versions: [...new Set(service.instances.map((instance) => instance.version ?? "unknown"))].join(", "),
    }));
  return (
    <div className="sv-list">
      <div className="fl-bar">
        <h1>Services</h1>
        <span className="hf-grow" />
        <input className="fl-filter" type="search" aria-label="Filter services" placeholder="Filter" value={filter} onChange={(event) => void setFilter(event.target.value || null)} />
      </div>
      <Table
        label="Services"
        rows={rows}
        rowKey={(row) => row.name}
        columns={[
          {
            key: "name",
            title: "Service",
            cell: (row) => (
              <Link className="hf-row" href={`/services/${encodeURIComponent(row.name)}`}>
                <Glyph status={row.status} /> <b>{row.name}</b>
              </Link>
            ),
          },
          { key: "state", title: "State", cell: (row) => statusWord(row.status) },
          { key: "live", title: "Live", figure: true, cell: (row) => `${row.live}/${row.instances.length}` },
          { key: "versions", title: "Versions", cell: (row) => row.versions },
        ]}
      />
      {rows.length === 0 ? <p className="fl-wait">{services.length === 0 ? "No service has connected yet." : `No service matches “${filter}”.`}</p> : null}
    </div>
  );
}

"use client";

import Link from "next/link";
import { linkState, type InstanceState } from "../../../core/fleet.ts";
import { instanceStatus, statusWord, switchedKeys, worst, type Status } from "../../../core/health.ts";
import { Empty } from "../../components/empty.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { useConnection, useNow, useService } from "../../live/hooks.ts";
import { useLiveStore } from "../../live/live-provider.tsx";
import { plural } from "../../charts/format.ts";
import { BreakerSection } from "./breaker-section.tsx";
import { goldenNow } from "./golden-now.ts";
import { GoldenSignals } from "./golden-signals.tsx";
import { InstanceTable } from "./instance-table.tsx";
import { ratesFrom, resourceGroups } from "./members.ts";
import { OtherPanel } from "./other-panel.tsx";
import { PolicySection } from "./policy-section.tsx";
import { PoolPanel } from "./pool-panel.tsx";
import { QueuePanel } from "./queue-panel.tsx";
import { ShedPanel } from "./shed-panel.tsx";
import { useHydrated } from "../../live/use-hydrated.ts";
import { useServiceHistory, useWindowEvents } from "./use-service-data.ts";
import "./service.css";

/** One service: golden signals, breakers, pools, queues, shedding, and every instance. */
export function ServiceScreen({ service }: { readonly service: string }) {
  return useHydrated() ? <LiveService service={service} /> : <Waiting service={service} />;
}

function LiveService({ service }: { readonly service: string }) {
  const store = useLiveStore();
  const instances = useService(service);
  const now = useNow(1000);
  const connection = useConnection();
  const history = useServiceHistory(service);
  const events = useWindowEvents(service);
  const rates = ratesFrom((key) => store.ring(key).samples);
  if (instances.length === 0) return connection.state === "connecting" ? <Waiting service={service} /> : <Unknown service={service} />;
  const groups = (...kinds: Parameters<typeof resourceGroups>[1]) => resourceGroups(instances, kinds, now);
  const queues = groups("queue");
  return (
    <div className="svc">
      <Header service={service} instances={instances} now={now} revision={store.fleet.revision} />
      <GoldenSignals now={goldenNow(groups("server", "pool", "bulkhead"), rates)} history={history} events={events} />
      <BreakerSection key={store.epoch} groups={groups("breaker")} rates={rates} events={events} now={now} />
      <div className="svc-panels">
        <PoolPanel groups={groups("pool", "bulkhead")} />
        {queues.map((group) => (
          <QueuePanel key={group.name} group={group} rates={rates} history={history} />
        ))}
        <ShedPanel shedders={groups("shedder")} limiters={groups("limiter")} rates={rates} />
        <OtherPanel groups={groups("gauge", "counter", "process")} rates={rates} />
      </div>
      <PolicySection service={service} />
      <InstanceTable instances={instances} rates={rates} now={now} revision={store.fleet.revision} />
    </div>
  );
}

function Header({
  service,
  instances,
  now,
  revision,
}: {
  readonly service: string;
  readonly instances: readonly InstanceState[];
  readonly now: number;
  readonly revision: number;
}) {
  const live = instances.filter((instance) => linkState(instance, now) === "live").length;
  const status: Status = worst(instances.map((instance) => instanceStatus(instance, now)));
  const switched = [...new Set(instances.flatMap((instance) => switchedKeys(instance)))];
  const held = Math.max(0, ...instances.map((instance) => instance.policyRevision));
  const versions = [...new Set(instances.flatMap((instance) => (instance.version === undefined ? [] : [instance.version])))];
  return (
    <header className="svc-head">
      <Glyph status={status} size={20} />
      <h1>{service}</h1>
      <span className="svc-word" data-status-word={status}>
        {statusWord(status)}
      </span>
      <dl className="svc-head-facts">
        <div>
          <dt>live</dt>
          <dd data-tone={live < instances.length ? "warning" : "plain"}>
            {live}/{instances.length}
          </dd>
        </div>
        <div>
          <dt>policy</dt>
          <dd title={`The environment is at r${String(revision)}`}>r{held}</dd>
        </div>
        {versions.length === 0 ? null : (
          <div>
            <dt>{versions.length === 1 ? "version" : "versions"}</dt>
            <dd>{versions.slice(0, 3).join(", ")}</dd>
          </div>
        )}
      </dl>
      <Link className="hf-button svc-push" data-tone="default" href={`/switchboard?q=${encodeURIComponent(service)}`}>
        {switched.length === 0 ? "Switch features" : plural(switched.length, "feature switched", "features switched")}
      </Link>
    </header>
  );
}

function Waiting({ service }: { readonly service: string }) {
  return (
    <div className="svc">
      <header className="svc-head">
        <h1>{service}</h1>
        <span className="svc-note">waiting for the console…</span>
      </header>
    </div>
  );
}

function Unknown({ service }: { readonly service: string }) {
  return (
    <Empty title={`No instance of ${service} is known`}>
      <p>
        It has never connected in this environment, or its name is written differently. The <Link href="/">fleet</Link> shows every service
        that has been heard.
      </p>
    </Empty>
  );
}

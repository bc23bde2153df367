"use client";

import Link from "next/link";
import { Empty } from "../../components/empty.tsx";
import { useConnectionState, useNow, useService } from "../../live/hooks.ts";
import { useLiveStore } from "../../live/live-provider.tsx";
import { BreakerSection } from "./breaker-section.tsx";
import { goldenNow } from "./golden-now.ts";
import { GoldenSignals } from "./golden-signals.tsx";
import { InstanceTable } from "./instance-table.tsx";
import { ratesFrom, resourceGroups } from "./members.ts";
import { Neighbours } from "./neighbours.tsx";
import { OtherPanel } from "./other-panel.tsx";
import { PolicySection } from "./policy-section.tsx";
import { PoolPanel } from "./pool-panel.tsx";
import { QueuePanel } from "./queue-panel.tsx";
import { ServiceHead } from "./service-head.tsx";
import { ServiceTime } from "./service-time.tsx";
import { ShedPanel } from "./shed-panel.tsx";
import { TimeBar } from "./time-bar.tsx";
import { useHydrated } from "../../live/use-hydrated.ts";
import { useServiceHistory, useStripEvents } from "./use-service-data.ts";
import "./service.css";

/** One service: golden signals, breakers, pools, queues, shedding, and every instance. */
export function ServiceScreen({ service }: { readonly service: string }) {
  return useHydrated() ? (
    <ServiceTime service={service}>
      <LiveService service={service} />
    </ServiceTime>
  ) : (
    <Waiting service={service} />
  );
}

function LiveService({ service }: { readonly service: string }) {
  const store = useLiveStore();
  const instances = useService(service);
  const now = useNow(1000);
  const state = useConnectionState();
  const history = useServiceHistory(service);
  const strip = useStripEvents(service);
  const rates = ratesFrom((key) => store.ring(key).samples);
  if (instances.length === 0) return state === "connecting" ? <Waiting service={service} /> : <Unknown service={service} />;
  const groups = (...kinds: Parameters<typeof resourceGroups>[1]) => resourceGroups(instances, kinds, now);
  const queues = groups("queue");
  return (
    <div className="svc">
      <ServiceHead service={service} instances={instances} now={now} revision={store.fleet.revision} />
      <TimeBar />
      <GoldenSignals now={goldenNow(groups("server", "pool", "bulkhead"), rates)} history={history} />
      <BreakerSection key={store.epoch} service={service} groups={groups("breaker")} rates={rates} strip={strip} now={now} />
      <div className="svc-panels">
        <PoolPanel groups={groups("pool", "bulkhead")} samplesOf={(key) => store.ring(key).samples} />
        {queues.map((group) => (
          <QueuePanel key={group.name} group={group} rates={rates} history={history} />
        ))}
        <ShedPanel shedders={groups("shedder")} limiters={groups("limiter")} guards={groups("breaker", "bulkhead", "pool")} rates={rates} />
        <OtherPanel groups={groups("gauge", "counter", "process")} rates={rates} />
      </div>
      <Neighbours key={`${service} ${String(store.epoch)}`} service={service} />
      <PolicySection service={service} />
      <InstanceTable instances={instances} rates={rates} now={now} revision={store.fleet.revision} />
    </div>
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

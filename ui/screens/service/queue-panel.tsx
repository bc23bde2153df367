import { cellReadout, counterRates, gaugeCells, type Series } from "../../charts/golden-series.ts";
import { formatMs, formatNumber } from "../../charts/format.ts";
import { Sparkline } from "../../charts/sparkline.tsx";
import { TimePlot } from "../../charts/time-plot.tsx";
import { Panel } from "../../components/panel.tsx";
import { outlookWords, queueView, type QueueView } from "./flow-view.ts";
import type { Rates, ResourceGroup } from "./members.ts";
import type { ServiceHistory } from "./use-service-data.ts";

/** One panel a queue: depth against its capacity, in against out, and when it is full or drained. */
export function QueuePanel({
  group,
  rates,
  history,
}: {
  readonly group: ResourceGroup;
  readonly rates: Rates;
  readonly history: ServiceHistory;
}) {
  const view = queueView(group, rates);
  if (view === null) {
    return (
      <Panel title={`Queue: ${group.name}`}>
        <p className="svc-note">not heard</p>
      </Panel>
    );
  }
  const own = history.series.filter(
    (entry) => entry.kind === "queue" && entry.resource === group.name && entry.instance.endsWith(`/${view.instance}`),
  );
  const points = (column: string): Series["points"] => own.find((entry) => entry.column === column)?.points ?? [];
  const { grid } = history;
  const depth = gaugeCells(points("depth"), grid);
  const added = counterRates(points("added"), grid);
  const completed = counterRates(points("completed"), grid);
  const drawn = { from: grid.from + grid.stepMs, to: grid.to };
  const tone = toneOf(view);
  return (
    <Panel
      title={`Queue: ${view.name}`}
      hint={view.members > 1 ? `deepest of ${String(view.members)}: ${view.instance}` : undefined}
      aside={
        <span className="svc-queue-now">
          <b className="svc-mono" data-tone={tone}>
            {formatNumber(view.depth)}
          </b>
          {view.oldestMs === null ? null : <span className="svc-note">oldest {formatMs(view.oldestMs)}</span>}
          {view.paused ? <b data-tone="warning">paused</b> : null}
        </span>
      }
    >
      <div className="svc-queue">
        <TimePlot window={drawn} readout={cellReadout([depth], grid)}>
          <Sparkline
            height={52}
            label={`Depth over time, now ${formatNumber(view.depth)}`}
            limit={view.capacity}
            series={[{ role: "main", values: depth }]}
          />
        </TimePlot>
        <p className="svc-note svc-mono">
          {view.capacity === null ? "no capacity told" : `capacity ${formatNumber(view.capacity)}`}
          {view.running === null
            ? ""
            : `, running ${formatNumber(view.running)}${view.concurrency === null ? "" : ` of ${formatNumber(view.concurrency)}`}`}
        </p>
        <TimePlot className="ch-low" window={drawn} marks="lines" readout={cellReadout([added, completed], grid)}>
          <Sparkline
            height={28}
            label="In and out a second over time"
            series={[
              { role: "in", values: added },
              { role: "out", values: completed },
            ]}
          />
        </TimePlot>
        <p className="svc-queue-foot svc-mono">
          <span>
            <span className="svc-note">in</span> {formatNumber(view.inPerSecond)}/s
          </span>
          <span>
            <span className="svc-note">out</span> {formatNumber(view.outPerSecond)}/s
          </span>
          {(view.failedPerSecond ?? 0) > 0 ? <span data-tone="open">{formatNumber(view.failedPerSecond)}/s failed</span> : null}
          <span className="svc-push" data-tone={tone}>
            {outlookWords(view.outlook)}
          </span>
        </p>
      </div>
    </Panel>
  );
}

function toneOf(view: QueueView): "plain" | "warning" {
  const near = view.capacity !== null && view.depth !== null && view.depth >= view.capacity * 0.8;
  return near || view.outlook.kind === "fills" || view.outlook.kind === "full" ? "warning" : "plain";
}

import { poolBar, windowBar, type CallRates, type WindowPart } from "./bars.ts";
import { formatNumber, formatPermille } from "./format.ts";
import "./charts.css";

/** What a mark says about harm. `plain` has no hue. */
export type Tone = "plain" | "closed" | "half_open" | "warning" | "open" | "forced";

const percent = (share: number) => `${String(Math.round(Math.max(0, Math.min(1, share)) * 10_000) / 100)}%`;

/** Failure share against the threshold that opens the breaker. */
export function ThresholdMeter({
  permille,
  threshold,
  tone,
}: {
  readonly permille: number | null;
  readonly threshold: number | null;
  readonly tone: Tone;
}) {
  const limit = threshold === null ? "no limit known" : `limit ${formatPermille(threshold)} %`;
  return (
    <div
      className="ch-meter"
      role="meter"
      aria-label="Failures"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={permille === null ? 0 : permille / 10}
      aria-valuetext={permille === null ? "unknown" : `${formatPermille(permille)} %, ${limit}`}
    >
      <div className="ch-meter-fill" data-tone={tone} style={{ width: percent((permille ?? 0) / 1000) }} />
      {threshold === null ? null : <div className="ch-meter-tick" style={{ left: percent(threshold / 1000) }} />}
    </div>
  );
}

const PART_WORD: Readonly<Record<WindowPart, string>> = { ok: "ok", failure: "fail", timeout: "timeout", rejected: "short-circuited" };

/** Outcomes of the last seconds in one bar; the fallback is a second, thin line, so that no call counts twice. */
export function WindowBar({ rates, seconds }: { readonly rates: CallRates; readonly seconds: number }) {
  const bar = windowBar(rates, seconds);
  const words = bar.parts.map((part) => `${PART_WORD[part.part]} ${formatNumber(part.count)}`).join(", ");
  return (
    <div role="img" aria-label={`Last ${String(seconds)} s: ${words}, fallback ${formatNumber(bar.fallback.count)}`}>
      <div className="ch-window">
        {bar.parts
          .filter((part) => part.count > 0)
          .map((part) => (
            <div key={part.part} className={`ch-part ch-part-${part.part}`} style={{ flexGrow: part.share, flexBasis: 0 }} />
          ))}
      </div>
      <div className="ch-window-fallback" style={{ width: percent(bar.fallback.share), opacity: bar.fallback.count > 0 ? 1 : 0 }} />
    </div>
  );
}

export interface PoolNumbers {
  readonly inUse: number | null;
  readonly idle: number | null;
  readonly waiting: number | null;
  readonly max: number | null;
}

/** In use, idle, the limit, and who waits beyond it. */
export function PoolBullet({ pool, tone, label }: { readonly pool: PoolNumbers; readonly tone: Tone; readonly label: string }) {
  const bar = poolBar(pool);
  return (
    <div className="ch-pool" role="img" aria-label={label}>
      <i className="ch-pool-room" style={{ width: percent(bar.max) }} />
      <i className="ch-pool-idle" style={{ left: percent(bar.inUse), width: percent(bar.idle - bar.inUse) }} />
      <i className="ch-pool-used" data-tone={tone} style={{ width: percent(bar.inUse) }} />
      {bar.waiting > bar.max ? (
        <i className="ch-pool-wait" style={{ left: percent(bar.max), width: percent(bar.waiting - bar.max) }} />
      ) : null}
      <i className="ch-pool-limit" style={{ left: percent(bar.max) }} />
    </div>
  );
}

export interface FlowPart {
  readonly name: "ok" | "shed" | "limited" | "rejected" | "failure" | "fallback";
  readonly word: string;
  readonly perSecond: number | null;
}

/** Where requests went, in fixed order. */
export function FlowBar({ parts }: { readonly parts: readonly FlowPart[] }) {
  const words = parts.map((part) => `${part.word} ${formatNumber(part.perSecond)} a second`).join(", ");
  return (
    <div className="ch-window" style={{ height: "var(--s-6)" }} role="img" aria-label={words === "" ? "nothing known" : words}>
      {parts
        .filter((part) => (part.perSecond ?? 0) > 0)
        .map((part) => (
          <div key={part.word} className={`ch-part ch-part-${part.name}`} style={{ flexGrow: part.perSecond ?? 0, flexBasis: 0 }} />
        ))}
    </div>
  );
}

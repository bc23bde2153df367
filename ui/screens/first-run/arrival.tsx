"use client";
import Link from "next/link";
import type { InstanceState } from "../../../core/fleet.ts";
import { plural } from "../../charts/format.ts";
import { Button } from "../../components/button.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { useRefusals } from "./use-refusals.ts";

const NAMED = 4;

/** "3 resources declared: http server, payments breaker". The process itself is always there and not worth a word. */
export function declaredWords(instance: Pick<InstanceState, "resources" | "switches">): string {
  const own = instance.resources.filter(({ kind, retired }) => kind !== "process" && retired !== true);
  const names = own.slice(0, NAMED).map(({ kind, name }) => (kind === name ? name : `${name} ${kind}`));
  const rest = own.length > NAMED ? ` and ${String(own.length - NAMED)} more` : "";
  const switches = instance.switches.length === 0 ? "" : `, ${plural(instance.switches.length, "switch", "switches")}`;
  return own.length === 0
    ? `nothing declared yet${switches}`
    : `${plural(own.length, "resource")} declared: ${names.join(", ")}${rest}${switches}`;
}

/** The first agents, as the live socket tells of them; until then what may be in their way. */
export function Arrival({ arrived, onGo }: { readonly arrived: readonly InstanceState[]; readonly onGo: () => void }) {
  return arrived.length === 0 ? <Waiting /> : <Arrived arrived={arrived} onGo={onGo} />;
}

function Arrived({ arrived, onGo }: { readonly arrived: readonly InstanceState[]; readonly onGo: () => void }) {
  const [first] = arrived;
  return (
    <section className="fi-arrival" data-arrived="true" aria-label="Connected">
      <div role="status">
        {arrived.slice(0, NAMED).map((instance) => (
          <p key={instance.key} className="fi-came">
            <Glyph status="closed" size={20} />
            <span>
              <b>{instance.instance}</b> connected {instance.connectedAt === null ? "" : <RelativeTime at={instance.connectedAt} />},{" "}
              {declaredWords(instance)}.
            </span>
          </p>
        ))}
        {arrived.length > NAMED ? <p className="hf-hint">and {arrived.length - NAMED} more</p> : null}
      </div>
      <div className="hf-row fi-wrap">
        <Button tone="primary" onClick={onGo}>
          See the fleet
        </Button>
        {first === undefined ? null : (
          <Link className="hf-button" href={`/services/${encodeURIComponent(first.service)}`}>
            Open {first.service}
          </Link>
        )}
      </div>
      <h3>What next</h3>
      <ul className="fi-next">
        <li>
          Observe what it depends on: <code>{`agent.observe(pool, "orders-db", { target: "postgres" })`}</code>
        </li>
        <li>
          Give operators a switch: <code>{`agent.switch({ key: "gifts", title: "Gift wrapping", whatUsersLose: "Gift wrapping." })`}</code>
        </li>
        <li>
          Be told of trouble: <Link href="/settings/notifications">notifications</Link>. Let colleagues in:{" "}
          <Link href="/settings/people">people</Link>.
        </li>
      </ul>
    </section>
  );
}

function Waiting() {
  const refusals = useRefusals();
  return (
    <section className="fi-arrival" aria-label="Waiting for the first agent">
      <p className="fi-came" role="status">
        <Glyph status="unseen" size={20} />
        <span>
          {refusals.length === 0 ? "Waiting for the first agent. It appears here by itself." : "An agent knocked and was turned away."}
        </span>
      </p>
      {refusals.map(({ key, times, text }) => (
        <p key={key} className="fi-refused" role="alert">
          <Glyph status="warning" size={16} label="turned away" />
          <span>
            {text} <span className="hf-hint">{plural(times, "time")} since this page is open</span>
          </span>
        </p>
      ))}
      <details>
        <summary>Nothing happens?</summary>
        <ul className="fi-next">
          <li>
            The service must reach this address: <code>curl {window.location.origin}/healthz</code>
          </li>
          <li>
            Without <code>https://</code> the agent connects to this machine only (<code>127.0.0.1</code>, <code>localhost</code>).
          </li>
          <li>A proxy in between must let WebSockets through.</li>
          <li>
            <code>agent.status</code> tells what the agent knows, and its <code>log</code> option hears every word of it.
          </li>
        </ul>
      </details>
    </section>
  );
}

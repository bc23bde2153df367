"use client";
import { parseAsString, useQueryState } from "nuqs";
import { useState } from "react";
import type { SinkAnswer } from "../../../protocol/notify-api.ts";
import { useMe } from "../../api/queries.ts";
import { plural } from "../../charts/format.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { SettingsPart } from "../settings/settings-frame.tsx";
import { BrowserPart } from "./browser-part.tsx";
import { DeliveryList } from "./delivery-list.tsx";
import { NewSink } from "./sink-form.tsx";
import { SinkRow } from "./sink-row.tsx";
import { useNotifySettings, useSinks } from "./use-notifications.ts";
import "./notifications.css";

/** Who is told of what happens: this browser, and what administrators connect. */
export function NotificationsScreen() {
  const me = useMe();
  return (
    <>
      <BrowserPart />
      {me.isError ? <ErrorNote error={me.error} /> : null}
      {me.data === undefined ? null : me.data.role === "admin" ? (
        <Sinks />
      ) : (
        <SettingsPart title="Slack and webhooks">
          <p className="st-note">They are for administrators to see and change. Ask one of them.</p>
        </SettingsPart>
      )}
    </>
  );
}

function Sinks() {
  const settings = useNotifySettings(true);
  const sinks = useSinks(true);
  const [making, setMaking] = useState(false);
  const [shown, show] = useQueryState("sink", parseAsString);
  const list = sinks.data ?? [];
  const none = settings.data?.hosts.length === 0;
  const chosen = list.find(({ id }) => id === shown) ?? null;
  return (
    <>
      <PausedBanner sinks={list} />
      <section className="st-part" aria-label="Slack and webhooks">
        <header className="no-head">
          <div>
            <h2>Slack and webhooks</h2>
            {settings.data === undefined || none ? null : (
              <p className="st-note">
                They may go to <code>{settings.data.hosts.join(", ")}</code>, as <code>HOLDFAST_NOTIFY_HOSTS</code> says.
              </p>
            )}
          </div>
          {making || none ? null : (
            <Button tone="primary" onClick={() => setMaking(true)}>
              Add a sink
            </Button>
          )}
        </header>
        {none ? (
          <div className="no-unset">
            <Glyph status="warning" size={16} />
            <p>
              <b>Notifications may not go anywhere yet.</b> Start the console with the hosts they may go to, such as{" "}
              <code>HOLDFAST_NOTIFY_HOSTS=hooks.slack.com</code>. Several have commas between; docs/notifications.md has the rest.
            </p>
          </div>
        ) : null}
        <ErrorNote error={settings.error ?? sinks.error} />
        {making ? <NewSink onClose={() => setMaking(false)} /> : null}
        {sinks.isPending ? <p className="st-note">Reading…</p> : null}
        {sinks.data?.length === 0 && !making && !none ? (
          <p className="st-note">Nobody outside of the console is told of anything yet.</p>
        ) : null}
        {list.length === 0 ? null : (
          <ul className="no-sinks">
            {list.map((sink) => (
              <SinkRow key={sink.id} sink={sink} />
            ))}
          </ul>
        )}
      </section>
      {list.length === 0 ? null : <DeliveryList sinks={list} chosen={chosen} onChoose={(id) => void show(id)} />}
    </>
  );
}

function PausedBanner({ sinks }: { readonly sinks: readonly SinkAnswer[] }) {
  const paused = sinks.filter(({ enabled, pausedAt }) => enabled && pausedAt !== null);
  if (paused.length === 0) return null;
  return (
    <div className="st-verdict" data-status="warn" role="status">
      <Glyph status="warning" size={20} />
      <div>
        <b>
          {paused.map(({ name }) => name).join(", ")} {paused.length === 1 ? "is" : "are"} paused.
        </b>
        <p>
          Nothing arrived there, so the console stopped trying;{" "}
          {plural(
            paused.reduce((sum, { waiting }) => sum + waiting, 0),
            "notification",
          )}{" "}
          wait. Send a test: one that arrives ends the pause.
        </p>
      </div>
    </div>
  );
}

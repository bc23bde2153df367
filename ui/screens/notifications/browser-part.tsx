"use client";
import { Button } from "../../components/button.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { useBrowserNotices, type NoticeState } from "../../frame/use-browser-notices.ts";
import { SettingsPart } from "../settings/settings-frame.tsx";

const WORDS: Readonly<Record<NoticeState, string>> = {
  on: "This browser tells you.",
  off: "This browser does not tell you.",
  refused: "This browser was told not to ask. Allow notifications for this address in its settings, then come back.",
  unsupported: "This browser has no notifications, or has them only for https addresses.",
};

/** Whether this browser tells of incidents. */
export function BrowserPart() {
  const { state, turnOn, turnOff } = useBrowserNotices();
  return (
    <SettingsPart
      title="In this browser"
      note="Incidents that open or get worse, of the environment that a page of the console shows, while no such page is looked at. A page has to be open."
    >
      <div className="no-browser">
        <Glyph status={state === "on" ? "closed" : "unseen"} size={14} />
        <span role="status">{WORDS[state]}</span>
        {state === "off" ? <Button onClick={() => void turnOn()}>Tell me of incidents</Button> : null}
        {state === "on" ? <Button onClick={turnOff}>Stop telling me</Button> : null}
      </div>
    </SettingsPart>
  );
}

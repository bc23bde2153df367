"use client";
/** What the frame can do from anywhere: by key, by palette, by button. Each thing once, whoever asks for it. */
import { useMemo, useState, type ReactNode } from "react";
import { useLiveStore } from "../live/live-provider.tsx";
import type { LiveStore } from "../live/live-store.ts";
import { useKey } from "../keys/keys-provider.tsx";
import { moveRow } from "../keys/rows.ts";
import { useReplay } from "../replay/replay-provider.tsx";
import { nextTheme, THEME_CHOICES, THEME_WORDS } from "./appearance.ts";
import { useEnvironment } from "./environment.tsx";
import { useGoing } from "./going.tsx";
import { KeyHelp } from "./key-help.tsx";
import { absoluteLink } from "./links.ts";
import { Notice, useNotice } from "./notice.tsx";
import { PAGES } from "./pages.ts";
import { Palette } from "./palette/palette.tsx";
import { ReplayChanges } from "./replay-changes.tsx";
import { ReplayDifference } from "./replay-difference.tsx";
import { ReplayKeys } from "./replay-keys.tsx";
import { SaveView } from "./save-view.tsx";
import { ToolsContext, useTools, type Overlay, type Tools } from "./tools-context.ts";
import { changeAppearance, useAppearance } from "./use-appearance.ts";

export function ToolsProvider({ children }: { readonly children: ReactNode }) {
  const store = useLiveStore();
  const { environment } = useEnvironment();
  const replay = useReplay();
  const [overlay, setOverlay] = useState<Overlay | null>(null);
  /** The moment that is asked about, when one was pointed at. */
  const [asked, setAsked] = useState(0);
  const { notice, say } = useNotice();
  const tools = useMemo<Tools>(() => {
    const shown = (): number => (replay.view.phase === "live" ? store.now() : replay.view.at);
    const copyLink = (): void => {
      const link = absoluteLink(window.location.href, { environment, now: shown() });
      copy(link).then(
        () => say("Link copied. It keeps this moment."),
        () => say(`The browser refused to copy. The link: ${link}`),
      );
    };
    const setTheme = (name: string): void => {
      const theme = THEME_CHOICES.find((choice) => choice === name);
      if (theme === undefined) return;
      changeAppearance({ theme });
      say(`Theme: ${THEME_WORDS[theme].toLowerCase()}`);
    };
    // While the console is not heard there is nothing to hold, and the button is not there either.
    const pause = (): void => {
      if (replay.view.phase !== "live") replay.toggle();
      else if (store.connection.state === "live") togglePause(store);
    };
    const live = (): void => {
      replay.goLive();
      if (store.heldBack !== null) store.resume();
    };
    const ask = (name: Overlay, at: string): void => {
      setAsked(Math.floor(at === "" ? shown() : Number(at)));
      setOverlay(name);
    };
    const acts: Readonly<Record<string, (argument: string) => void>> = {
      "copy-link": copyLink,
      theme: setTheme,
      pause,
      live,
      replay: (ago) => replay.nudge(-Number(ago)),
      "what-changed": (at) => ask("what-changed", at),
      "as-it-was": (at) => ask("as-it-was", at),
      palette: () => setOverlay("palette"),
      help: () => setOverlay("help"),
      "save-view": () => setOverlay("save-view"),
    };
    return { open: setOverlay, act: (name, argument = "") => acts[name]?.(argument) };
  }, [environment, replay, store, say]);
  const close = (): void => setOverlay(null);
  return (
    <ToolsContext value={tools}>
      {children}
      <FrameKeys />
      <ReplayKeys />
      {overlay === "what-changed" ? <ReplayChanges at={asked} onClose={close} /> : null}
      {overlay === "as-it-was" ? <ReplayDifference at={asked} onClose={close} /> : null}
      {overlay === "palette" ? <Palette onClose={close} /> : null}
      {overlay === "help" ? <KeyHelp onClose={close} /> : null}
      {overlay === "save-view" ? <SaveView onClose={close} onSaved={(name) => say(`Saved as ${name}, in this browser`)} /> : null}
      <Notice notice={notice} />
    </ToolsContext>
  );
}

/** Also where the page is not served over https and the browser has no clipboard to write to. */
async function copy(text: string): Promise<void> {
  if ("clipboard" in navigator) return navigator.clipboard.writeText(text);
  throw new Error("no clipboard");
}

function togglePause(store: LiveStore): void {
  if (store.heldBack === null) store.pause();
  else store.resume();
}

function FrameKeys() {
  const { act } = useTools();
  const { shown } = useAppearance();
  const acts = (name: string, argument?: string) => () => (act(name, argument), true);
  useKey("palette", acts("palette"));
  useKey("help", acts("help"));
  useKey("copy-link", acts("copy-link"));
  useKey("theme", acts("theme", nextTheme(shown)));
  useKey("search", () => (focusFilter() ? undefined : act("palette"), true));
  useKey("pause", (event) => (pressesSomething(event) ? false : (act("pause"), true)));
  useKey("next", () => moveRow(mainOf(), 1));
  useKey("previous", () => moveRow(mainOf(), -1));
  return PAGES.map((page) => <PageKey key={page.href} page={page} />);
}

function PageKey({ page }: { readonly page: (typeof PAGES)[number] }) {
  const { go } = useGoing();
  useKey(page.action, () => (go(page.href), true));
  return null;
}

const mainOf = (): HTMLElement => document.getElementById("main") ?? document.body;

/** The space bar presses what has the focus, if that can be pressed. */
function pressesSomething(event: KeyboardEvent): boolean {
  return (
    event.key === " " &&
    event.target instanceof Element &&
    event.target.closest("button, a, summary, [role=application], [role=switch], [role=checkbox], [role=radio]") !== null
  );
}

/** The filter of the page, if it has one. */
function focusFilter(): boolean {
  const field = [...mainOf().querySelectorAll<HTMLInputElement>("input[type=search]")].find((input) => input.checkVisibility());
  field?.focus();
  field?.select();
  return field !== undefined;
}

"use client";
/** Find anything, do anything, without the mouse. It only opens and goes: whatever changes the fleet is done on its own page. */
import { Command } from "cmdk";
import { Dialog } from "radix-ui";
import { useMemo, useState } from "react";
import { useMe, useSwitches } from "../../api/queries.ts";
import { FocusReturn } from "../../components/focus-return.tsx";
import { Kbd } from "../../components/kbd.tsx";
import { bindings, keyName } from "../../keys/key-map.ts";
import { useIsMac } from "../../keys/use-is-mac.ts";
import { usePaused } from "../../live/hooks.ts";
import { useLiveStore } from "../../live/live-provider.tsx";
import { useReplayed } from "../../replay/replay-provider.tsx";
import { useOpenIncidents, usePastIncidents } from "../../screens/incidents/use-incidents.ts";
import { THEME_CHOICES, THEME_WORDS } from "../appearance.ts";
import { useEnvironment } from "../environment.tsx";
import { useGoing } from "../going.tsx";
import { PAGES } from "../pages.ts";
import { SETTINGS_PAGES } from "../settings-pages.ts";
import { useTools } from "../tools-context.ts";
import { useSavedViews } from "../use-saved-views.ts";
import { paletteItems, rank, type PaletteItem } from "./palette-items.ts";

const strokesOf = (action: string): readonly string[] => bindings.find((binding) => binding.action === action)?.strokes[0] ?? [];

type Action = Omit<PaletteItem, "kind" | "id">;

function useActions(): readonly Action[] {
  const { paused } = usePaused();
  const past = useReplayed((view) => view.phase !== "live");
  return useMemo(() => {
    const act = (label: string, act: string, more: Partial<Action> = {}): Action => ({
      label,
      hint: "",
      keywords: [],
      target: { act },
      ...more,
    });
    return [
      act(paused ? "Resume" : "Pause", "pause", { keywords: ["pause", "live", "hold", "freeze"], keys: strokesOf("pause") }),
      act(past ? "Back to live" : "Replay the last minute", past ? "live" : "replay 60000", {
        keywords: ["time", "past", "history", "rewind", "now"],
        ...(past ? { keys: strokesOf("live") } : {}),
      }),
      act("What changed?", "what-changed", { keywords: ["cause", "deploy", "nearby", "why"], keys: strokesOf("what-changed") }),
      act("Copy link to this moment", "copy-link", { keywords: ["share", "url", "absolute"], keys: strokesOf("copy-link") }),
      act("Save this view", "save-view", { keywords: ["bookmark", "name", "filters"] }),
      ...THEME_CHOICES.map((theme) =>
        act(`Theme: ${THEME_WORDS[theme].toLowerCase()}`, `theme ${theme}`, { keywords: ["theme", "appearance", "colour"] }),
      ),
      act("Keys", "help", { keywords: ["help", "keyboard", "shortcuts"], keys: strokesOf("help") }),
      ...SETTINGS_PAGES.map((page): Action => ({
        label: page.label,
        hint: "settings",
        keywords: ["settings", ...page.also],
        target: { go: page.href },
      })),
    ];
  }, [paused, past]);
}

export function Palette({ onClose }: { readonly onClose: () => void }) {
  const { go } = useGoing();
  const store = useLiveStore();
  const tools = useTools();
  const mac = useIsMac();
  const { environment, choose } = useEnvironment();
  const me = useMe().data;
  const switches = useSwitches(environment).data;
  const open = useOpenIncidents(environment).data;
  const past = usePastIncidents(environment, "resolved").data;
  const { views } = useSavedViews();
  const actions = useActions();
  // As the fleet was when it was opened: a list that moves under the fingers is of no use.
  const [instances] = useState(() => [...store.fleet.instances.values()]);
  const [typed, setTyped] = useState("");
  const items = useMemo(
    () =>
      paletteItems({
        pages: PAGES,
        actions,
        views,
        switches: switches ?? [],
        incidents: [...(open ?? []), ...(past?.pages.flatMap((page) => page.items) ?? [])],
        instances,
        environments: me?.environments ?? [],
        environment,
        keysOf: strokesOf,
      }),
    [actions, views, switches, open, past, instances, me, environment],
  );
  const groups = useMemo(() => rank(items, typed), [items, typed]);

  const choice = (item: PaletteItem): void => {
    onClose();
    if ("go" in item.target) {
      go(item.target.go);
      return;
    }
    const [act = "", argument = ""] = item.target.act.split(/ (.*)/s);
    if (act === "environment") choose(argument);
    else tools.act(act, argument);
  };

  return (
    <Dialog.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Dialog.Portal>
        <Dialog.Overlay className="hf-veil" />
        <Dialog.Content className="pa-box" aria-describedby={undefined}>
          <FocusReturn />
          <Dialog.Title className="hf-unseen">Find anything</Dialog.Title>
          <Command label="Find anything" shouldFilter={false} loop>
            <div className="pa-field">
              <Command.Input
                value={typed}
                onValueChange={setTyped}
                placeholder="A service, a breaker, a switch, a page, something to do"
                autoFocus
              />
              <Dialog.Close className="hf-button" data-tone="quiet" aria-label="esc, close">
                <Kbd>esc</Kbd>
              </Dialog.Close>
            </div>
            <Command.List className="pa-list" label="What was found">
              <Command.Empty className="pa-none">
                Nothing is called “{typed.trim()}” here in {environment}.
              </Command.Empty>
              {groups.map((group) => (
                <Command.Group key={group.kind} heading={group.kind}>
                  {group.items.map((item) => (
                    <Command.Item key={item.id} value={item.id} onSelect={() => choice(item)}>
                      <span className="pa-name">{item.label}</span>
                      <span className="pa-hint">{item.hint}</span>
                      <span className="pa-keys" aria-hidden>
                        {item.keys?.map((stroke) => (
                          <Kbd key={stroke}>{keyName(stroke, mac)}</Kbd>
                        ))}
                      </span>
                    </Command.Item>
                  ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

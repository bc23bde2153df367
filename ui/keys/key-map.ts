/** Every key of the console, once: what is pressed, what it does, where it is told. The help sheet and the reader both read this table. */

export const KEY_GROUPS = ["Everywhere", "Time", "Go to", "Lists and tiles", "On an incident", "On the wall"] as const;
export type KeyGroup = (typeof KEY_GROUPS)[number];

export interface KeyBinding {
  readonly action: string;
  /** Strokes in a row, each a key as the browser names it; `mod+` is Ctrl, or Command on a Mac. Alternatives each of their own. */
  readonly strokes: readonly (readonly string[])[];
  readonly group: KeyGroup;
  readonly does: string;
  /** Also while something is typed or a dialog is open. Only for chords that type nothing. */
  readonly always?: boolean;
  /** Done by the browser or the focused thing itself; here so that the help tells it. */
  readonly told?: boolean;
}

const KEY_MAP = [
  { action: "palette", strokes: [["mod+k"]], group: "Everywhere", does: "Find anything, do anything", always: true },
  { action: "search", strokes: [["/"]], group: "Everywhere", does: "Filter this page; find anything where there is no filter" },
  { action: "pause", strokes: [["p"], [" "]], group: "Everywhere", does: "Hold the picture, or let it go on; play a replay, or hold it" },
  { action: "theme", strokes: [["t"]], group: "Everywhere", does: "Next theme: dark, light, high contrast" },
  { action: "copy-link", strokes: [["c"]], group: "Everywhere", does: "Copy a link to this page at this moment" },
  { action: "help", strokes: [["?"]], group: "Everywhere", does: "These keys" },
  { action: "leave", strokes: [["Escape"]], group: "Everywhere", does: "Close, or leave the field", told: true },
  { action: "transition-before", strokes: [["["]], group: "Time", does: "Previous transition, as it was then" },
  { action: "transition-after", strokes: [["]"]], group: "Time", does: "Next transition" },
  { action: "second-before", strokes: [[","]], group: "Time", does: "One second back" },
  { action: "second-after", strokes: [["."]], group: "Time", does: "One second on" },
  { action: "slower", strokes: [["<"]], group: "Time", does: "Play slower" },
  { action: "faster", strokes: [[">"]], group: "Time", does: "Play faster" },
  { action: "live", strokes: [["l"]], group: "Time", does: "Back to live" },
  { action: "what-changed", strokes: [["w"]], group: "Time", does: "What changed around this moment?" },
  { action: "zoom-in", strokes: [["z"]], group: "Time", does: "Charts of a service or an incident: look closer, around the crosshair" },
  { action: "zoom-undo", strokes: [["u"]], group: "Time", does: "As it was before looking closer" },
  { action: "go-fleet", strokes: [["g", "f"]], group: "Go to", does: "Fleet" },
  { action: "go-services", strokes: [["g", "s"]], group: "Go to", does: "Services" },
  { action: "go-map", strokes: [["g", "m"]], group: "Go to", does: "Map" },
  { action: "go-switchboard", strokes: [["g", "b"]], group: "Go to", does: "Switchboard" },
  { action: "go-policies", strokes: [["g", "p"]], group: "Go to", does: "Policies" },
  { action: "go-incidents", strokes: [["g", "i"]], group: "Go to", does: "Incidents" },
  { action: "go-events", strokes: [["g", "e"]], group: "Go to", does: "Events" },
  { action: "go-agents", strokes: [["g", "a"]], group: "Go to", does: "Agents" },
  { action: "go-audit", strokes: [["g", "u"]], group: "Go to", does: "Audit" },
  { action: "go-wall", strokes: [["g", "w"]], group: "Go to", does: "Wall" },
  { action: "go-settings", strokes: [["g", ","]], group: "Go to", does: "Settings" },
  { action: "list", strokes: [["v"]], group: "Lists and tiles", does: "The map as a list, or drawn" },
  { action: "next", strokes: [["j"]], group: "Lists and tiles", does: "Next" },
  { action: "previous", strokes: [["k"]], group: "Lists and tiles", does: "Previous" },
  { action: "open", strokes: [["Enter"]], group: "Lists and tiles", does: "Open what is focused", told: true },
  {
    action: "tiles",
    strokes: [["ArrowLeft"], ["ArrowRight"], ["ArrowUp"], ["ArrowDown"]],
    group: "Lists and tiles",
    does: "From tile to tile",
    told: true,
  },
  { action: "note", strokes: [["n"]], group: "On an incident", does: "Write a note, at the crosshair when there is one" },
  { action: "wall-next", strokes: [["ArrowRight"]], group: "On the wall", does: "Next view" },
  { action: "wall-previous", strokes: [["ArrowLeft"]], group: "On the wall", does: "Previous view" },
  { action: "wall-full", strokes: [["f"]], group: "On the wall", does: "Full screen; space holds a view" },
  { action: "wall-leave", strokes: [["Escape"]], group: "On the wall", does: "Back to the console" },
] as const satisfies readonly KeyBinding[];

export type KeyAction = (typeof KEY_MAP)[number]["action"];

export const bindings: readonly KeyBinding[] = KEY_MAP;

const NAMES: Readonly<Record<string, string>> = {
  " ": "space",
  Escape: "esc",
  Enter: "enter",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
};

/** A stroke as it is printed on a key: `Ctrl K`, `⌘ K`, `esc`. */
export function keyName(stroke: string, mac: boolean): string {
  if (stroke.startsWith("mod+")) return `${mac ? "⌘" : "Ctrl"} ${stroke.slice(4).toUpperCase()}`;
  return NAMES[stroke] ?? stroke;
}

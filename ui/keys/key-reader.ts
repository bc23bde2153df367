/** From key strokes to actions: sequences, and silence while somebody types. Pure but for the strokes it remembers; the clock is passed in. */
import type { KeyBinding } from "./key-map.ts";

/** How long a sequence waits for its next key. */
export const SEQUENCE_MS = 1500;

export interface Stroke {
  readonly key: string;
  /** Ctrl or Command. */
  readonly mod: boolean;
  readonly alt: boolean;
  /** Held down: repeats step through lists and seconds, and do nothing else. */
  readonly repeat: boolean;
  /** Something is typed, or a dialog or a menu is open: keys belong to it. */
  readonly taken: boolean;
  /** Monotonic or wall time in ms. */
  readonly at: number;
}

const REPEATS: ReadonlySet<string> = new Set(["next", "previous", "second-before", "second-after"]);
/** Pressed on their way to another key; they neither end nor continue a sequence. */
const MODIFIERS: ReadonlySet<string> = new Set(["Shift", "Control", "Alt", "Meta"]);

export class KeyReader {
  readonly #bindings: readonly KeyBinding[];
  #pressed: readonly string[] = [];
  #at = 0;

  constructor(bindings: readonly KeyBinding[]) {
    this.#bindings = bindings.filter((binding) => binding.told !== true);
  }

  /** The action that this stroke completes; `"waiting"` when it begins one; null when it is nobody's. */
  read(stroke: Stroke): { readonly action: string } | "waiting" | null {
    if (MODIFIERS.has(stroke.key)) return null;
    const name = stroke.mod ? `mod+${stroke.key.toLowerCase()}` : stroke.key;
    const kept = stroke.taken || stroke.mod || stroke.at - this.#at > SEQUENCE_MS ? [] : this.#pressed;
    this.#pressed = [];
    if (stroke.alt) return null;
    // A sequence that leads nowhere is forgotten, and its last key counts on its own.
    for (const tried of kept.length > 0 ? [[...kept, name], [name]] : [[name]]) {
      const found = this.#find(tried, stroke);
      if (found) return found;
    }
    return null;
  }

  #find(tried: readonly string[], { taken, repeat, at }: Stroke): { readonly action: string } | "waiting" | null {
    let begins = false;
    for (const binding of this.#bindings) {
      if (taken && binding.always !== true) continue;
      for (const strokes of binding.strokes) {
        if (!tried.every((key, i) => strokes[i] === key)) continue;
        if (strokes.length > tried.length) begins = true;
        else if (!repeat || REPEATS.has(binding.action)) return { action: binding.action };
      }
    }
    if (!begins || repeat) return null;
    this.#pressed = tried;
    this.#at = at;
    return "waiting";
  }
}

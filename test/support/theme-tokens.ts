/** The colours of the token file, by theme: what a test computes with. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export type TokenTheme = "dark" | "light" | "contrast";

const css = readFileSync(join(import.meta.dirname, "../../ui/styles/tokens.css"), "utf8");

/** Names without dashes in front, values as #rrggbb. */
export function tokensOf(theme: TokenTheme): Map<string, string> {
  const tokens = new Map<string, string>();
  for (const [, selector = "", body = ""] of css.matchAll(/^([^{}@\n]*)\{([^}]*)\}/gm)) {
    if (!selector.includes(`[data-theme="${theme}"]`)) continue;
    for (const [, name = "", value = ""] of body.matchAll(/--([a-z0-9-]+):\s*(#[0-9a-f]{6})/g)) tokens.set(name, value);
  }
  return tokens;
}

/** Red, green and blue as light, 0 to 1: the gamma of sRGB undone. */
export function linear(hex: string): readonly [number, number, number] {
  return [1, 3, 5].map((i) => {
    const channel = parseInt(hex.slice(i, i + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
}

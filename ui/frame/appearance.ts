/** How the console looks to this person in this browser. Kept in cookies, so that the first HTML is already right. */

export const THEMES = ["dark", "light", "contrast"] as const;
export type Theme = (typeof THEMES)[number];
export const THEME_CHOICES = ["system", ...THEMES] as const;
export type ThemeChoice = (typeof THEME_CHOICES)[number];
export const DENSITIES = ["comfortable", "compact"] as const;
export type Density = (typeof DENSITIES)[number];
export const MOTIONS = ["system", "reduced"] as const;
export type Motion = (typeof MOTIONS)[number];

export interface Appearance {
  readonly theme: ThemeChoice;
  /** What the choice came to when it was last resolved. */
  readonly shown: Theme;
  readonly density: Density;
  readonly motion: Motion;
}

export const THEME_WORDS: Readonly<Record<ThemeChoice, string>> = {
  system: "As the system",
  dark: "Dark",
  light: "Light",
  contrast: "High contrast",
};

const oneOf = <T extends string>(values: readonly T[], text: string | undefined, otherwise: T): T =>
  values.find((value) => value === text) ?? otherwise;

/** Reads the cookies; what is missing or unknown is as the system has it. */
export function appearanceOf(cookie: (name: string) => string | undefined): Appearance {
  const theme = oneOf(THEME_CHOICES, cookie("theme"), "system");
  return {
    theme,
    shown: theme === "system" ? oneOf(THEMES, cookie("theme-shown"), "dark") : theme,
    density: oneOf(DENSITIES, cookie("density"), "comfortable"),
    motion: oneOf(MOTIONS, cookie("motion"), "system"),
  };
}

/** A choice made real: who asks the system for more contrast gets it, then its light or dark. */
export function resolveTheme(choice: ThemeChoice, system: { readonly moreContrast: boolean; readonly light: boolean }): Theme {
  if (choice !== "system") return choice;
  return system.moreContrast ? "contrast" : system.light ? "light" : "dark";
}

export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "dark";
}

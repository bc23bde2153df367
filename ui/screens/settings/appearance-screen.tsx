"use client";
import { statusWord, STATUSES } from "../../../core/health.ts";
import { Chip } from "../../components/chip.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { DENSITIES, MOTIONS, THEME_CHOICES, THEME_WORDS, type Density, type Motion } from "../../frame/appearance.ts";
import { changeAppearance, useAppearance } from "../../frame/use-appearance.ts";
import { SettingsPart } from "./settings-frame.tsx";

const DENSITY_WORDS: Readonly<Record<Density, string>> = { comfortable: "Comfortable", compact: "Compact" };
const MOTION_WORDS: Readonly<Record<Motion, string>> = { system: "As the system", reduced: "None" };

/** How the console looks to this person. Kept in this browser. */
export function AppearanceScreen() {
  const { theme, shown, density, motion } = useAppearance();
  return (
    <>
      <p className="st-note">Kept in this browser, for whoever uses it.</p>
      <SettingsPart
        title="Theme"
        note={
          theme === "system"
            ? `Now ${THEME_WORDS[shown].toLowerCase()}, as the system asks. A wish for more contrast is met with the high contrast theme.`
            : "Words and marks keep their contrast in every theme; high contrast draws every line and border strongly."
        }
      >
        <Segmented
          label="Theme"
          value={theme}
          options={THEME_CHOICES.map((value) => ({ value, label: THEME_WORDS[value] }))}
          onChange={(next) => changeAppearance({ theme: next })}
        />
        <ul className="st-states" aria-label="The states in this theme">
          {STATUSES.map((status) => (
            <li key={status}>
              <Chip status={status}>
                <Glyph status={status} size={12} /> {statusWord(status)}
              </Chip>
            </li>
          ))}
        </ul>
      </SettingsPart>
      <SettingsPart title="Density" note="Compact brings rows and panels closer together. The fleet's tiles have a density of their own.">
        <Segmented
          label="Density"
          value={density}
          options={DENSITIES.map((value) => ({ value, label: DENSITY_WORDS[value] }))}
          onChange={(next) => changeAppearance({ density: next })}
        />
      </SettingsPart>
      <SettingsPart title="Motion" note="Nothing blinks either way. None also takes the short transitions away.">
        <Segmented
          label="Motion"
          value={motion}
          options={MOTIONS.map((value) => ({ value, label: MOTION_WORDS[value] }))}
          onChange={(next) => changeAppearance({ motion: next })}
        />
      </SettingsPart>
    </>
  );
}

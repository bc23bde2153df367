"use client";
/** Colours and typefaces of the page, for what is drawn without it. */
import { useEffect, useState } from "react";
import type { PictureLook } from "./fleet-picture.ts";
import type { Face } from "./picture-messages.ts";
import { readPalette } from "./tile-pen.ts";

function readLook(): PictureLook {
  const root = getComputedStyle(document.documentElement);
  const length = (token: string): number => Number.parseFloat(root.getPropertyValue(`--${token}`)) || 0;
  return {
    palette: readPalette(document.documentElement),
    fonts: { sans: getComputedStyle(document.body).fontFamily, mono: root.getPropertyValue("--font-geist-mono").trim() || "monospace" },
    pad: { x: length("s-5"), y: length("s-4") },
  };
}

const ADDRESS = /url\(\s*["']?([^"')]+)["']?\s*\)/g;

/** Typefaces of our own, as the style sheets of the page bring them. */
export function readFaces(): readonly Face[] {
  return [...document.styleSheets].flatMap((sheet) => {
    const base = sheet.href ?? document.baseURI;
    return [...sheet.cssRules].flatMap((rule): Face[] => {
      if (!(rule instanceof CSSFontFaceRule)) return [];
      const { style } = rule;
      const source = style
        .getPropertyValue("src")
        .replaceAll(ADDRESS, (_, address: string) => `url(${JSON.stringify(new URL(address, base).href)})`);
      const weight = style.getPropertyValue("font-weight") || "normal";
      const family = style.getPropertyValue("font-family").replaceAll(/^["']|["']$/g, "");
      return source.includes("url(") ? [{ family, source, weight }] : [];
    });
  });
}

/** Read again when the theme or the density changes; null before the page is there. */
export function useLook(): PictureLook | null {
  const [look, setLook] = useState<PictureLook | null>(null);
  useEffect(() => {
    const read = (): void => setLook(readLook());
    const themes = new MutationObserver(read);
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "data-density"] });
    read();
    void document.fonts.ready.then(read);
    return () => themes.disconnect();
  }, []);
  return look;
}

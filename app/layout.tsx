import type { Metadata, Viewport } from "next";
import { GeistMono } from "geist/font/mono";
import { GeistSans } from "geist/font/sans";
import { cookies, headers } from "next/headers";
import type { ReactNode } from "react";
import { AppearanceKeeper } from "../ui/frame/appearance-keeper.tsx";
import { appearanceOf } from "../ui/frame/appearance.ts";
import { StyleNonce } from "../ui/frame/style-nonce.tsx";
import "../ui/styles/globals.css";
import "../ui/styles/screens.css";

export const metadata: Metadata = {
  title: { default: "Holdfast", template: "%s · Holdfast" },
  description: "The fleet, live, and what you can do about it.",
};
export const viewport: Viewport = { width: "device-width", initialScale: 1 };

/** Reading the headers makes every page dynamic, so that each answer carries its own script nonce. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  await headers();
  const jar = await cookies();
  const { shown, density, motion } = appearanceOf((name) => jar.get(name)?.value);
  return (
    <html
      lang="en"
      data-theme={shown}
      data-density={density}
      data-motion={motion}
      className={`${GeistSans.variable} ${GeistMono.variable}`}
      suppressHydrationWarning
    >
      <body>
        <StyleNonce />
        <AppearanceKeeper />
        {children}
      </body>
    </html>
  );
}

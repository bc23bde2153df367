"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { SETTINGS_PAGES } from "../../frame/settings-pages.ts";
import "./settings.css";

/** The settings: their pages at the side, one of them open. */
export function SettingsFrame({ children }: { readonly children: ReactNode }) {
  const path = usePathname();
  return (
    <div className="st">
      <header className="st-head">
        <h1>Settings</h1>
      </header>
      <nav className="st-nav" aria-label="Settings">
        {SETTINGS_PAGES.map((page) => (
          <Link key={page.href} href={page.href} aria-current={path === page.href ? "page" : undefined}>
            {page.label}
          </Link>
        ))}
        <Link href="/agents">Agents and tokens</Link>
      </nav>
      <div className="st-body">{children}</div>
    </div>
  );
}

/** One subject: its title, a word about it, and what can be chosen or seen. */
export function SettingsPart({
  title,
  note,
  children,
}: {
  readonly title: string;
  readonly note?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <section className="st-part" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {note === undefined ? null : <p className="st-note">{note}</p>}
      </header>
      {children}
    </section>
  );
}

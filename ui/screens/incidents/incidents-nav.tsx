"use client";
import Link from "next/link";

const TABS = [
  { key: "list", href: "/incidents", label: "Incidents" },
  { key: "accounting", href: "/incidents/accounting", label: "Accounting" },
  { key: "rules", href: "/incidents/rules", label: "Rules" },
] as const;

/** The three pages about incidents. */
export function IncidentsNav({ on }: { readonly on: (typeof TABS)[number]["key"] }) {
  return (
    <nav className="in-tabs" aria-label="About incidents">
      {TABS.map((tab) => (
        <Link key={tab.key} href={tab.href} aria-current={tab.key === on ? "page" : undefined}>
          {tab.label}
        </Link>
      ))}
    </nav>
  );
}

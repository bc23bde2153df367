"use client";
/** The frame of every page: where, what time, how fresh, and who. It changes itself when the console is not heard. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { Suspense, useState, type ReactNode } from "react";
import { useHydrated } from "../live/use-hydrated.ts";
import { LiveProvider } from "../live/live-provider.tsx";
import { useConnection, usePaused } from "../live/hooks.ts";
import { AccountMenu } from "./account-menu.tsx";
import { Announcer } from "./announcer.tsx";
import { Brand } from "./brand.tsx";
import { FleetCounts } from "./fleet-counts.tsx";
import { Tideline } from "./tideline.tsx";
import { TimeControl } from "./time-control.tsx";

const DEFAULT_ENVIRONMENT = "production";
const PAGES = [
  { href: "/", label: "Fleet" },
  { href: "/services", label: "Services" },
  { href: "/switchboard", label: "Switchboard" },
  { href: "/events", label: "Events" },
  { href: "/agents", label: "Agents" },
] as const;

function Header() {
  const path = usePathname();
  const { state, environment } = useConnection();
  const { paused } = usePaused();
  return (
    <header className="fr-header" data-state={state === "live" && paused ? "paused" : state}>
      <Link href="/" aria-label="Holdfast, to the fleet">
        <Brand />
      </Link>
      <span className="fr-environment" title="Environment">
        {environment || DEFAULT_ENVIRONMENT}
      </span>
      <nav aria-label="Pages">
        {PAGES.map((page) => {
          const here = page.href === "/" ? path === "/" : path.startsWith(page.href);
          return (
            <Link key={page.href} href={page.href} aria-current={here ? "page" : undefined}>
              {page.label}
            </Link>
          );
        })}
      </nav>
      <span className="hf-grow" />
      <TimeControl />
      <FleetCounts />
      <AccountMenu />
    </header>
  );
}

/** Screens draw live state, which the server's HTML cannot hold: they begin once the browser has taken over. */
function AfterHydration({ children }: { children: ReactNode }) {
  return useHydrated() ? children : null;
}

export function ConsoleFrame({ children }: { children: ReactNode }) {
  const [client] = useState(() => new QueryClient({ defaultOptions: { queries: { retry: 1, refetchOnWindowFocus: false } } }));
  return (
    <QueryClientProvider client={client}>
      <NuqsAdapter>
        <LiveProvider environment={DEFAULT_ENVIRONMENT}>
          <div className="fr-page">
            <a href="#main" className="fr-skip">
              Skip to content
            </a>
            <Header />
            <main id="main" tabIndex={-1}>
              <Suspense>
                <AfterHydration>{children}</AfterHydration>
              </Suspense>
            </main>
            <Tideline />
          </div>
          <Announcer />
        </LiveProvider>
      </NuqsAdapter>
    </QueryClientProvider>
  );
}

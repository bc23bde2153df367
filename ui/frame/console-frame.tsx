"use client";
/** The frame of every page: where, what time, how fresh, and who. It changes itself when the console is not heard. */
import { Search } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { Suspense, type ReactNode } from "react";
import { Kbd } from "../components/kbd.tsx";
import { keyName } from "../keys/key-map.ts";
import { useIsMac } from "../keys/use-is-mac.ts";
import { useHydrated } from "../live/use-hydrated.ts";
import { useConnectionState, usePaused } from "../live/hooks.ts";
import { useFollows } from "../live/live-provider.tsx";
import { AsOf, ReplayProvider, useReplayed } from "../replay/replay-provider.tsx";
import { PictureProvider } from "../screens/fleet/picture-provider.tsx";
import { AccountMenu } from "./account-menu.tsx";
import { Announcer } from "./announcer.tsx";
import { AwayDigest } from "./away-digest.tsx";
import { BackLive } from "./back-live.tsx";
import { Brand } from "./brand.tsx";
import { BrowserNotices } from "./browser-notices.tsx";
import { EnvironmentPicker } from "./environment-picker.tsx";
import { FleetCounts } from "./fleet-counts.tsx";
import { OpenIncidents, OpenIncidentsBadge } from "./open-incidents.tsx";
import { GoingProvider } from "./going.tsx";
import { LivePage } from "./live-page.tsx";
import { isOn, PAGES } from "./pages.ts";
import { ReplayBar } from "./replay-bar.tsx";
import { ReplayMain } from "./replay-main.tsx";
import { ReplayUrl } from "./replay-url.tsx";
import { Tideline } from "./tideline.tsx";
import { TimeControl } from "./time-control.tsx";
import { ToolsProvider } from "./tools.tsx";
import { useTools } from "./tools-context.ts";
import "./frame.css";
import "./replay.css";

function PaletteButton() {
  const { open } = useTools();
  const mac = useIsMac();
  // What is seen is in the name, so that people who speak to their machine can say it.
  const key = keyName("mod+k", mac);
  return (
    <button type="button" className="fr-find" aria-label={`Find anything ${key}`} aria-haspopup="dialog" onClick={() => open("palette")}>
      <Search size={14} aria-hidden /> <Kbd>{key}</Kbd>
    </button>
  );
}

function Header() {
  const path = usePathname();
  const state = useConnectionState();
  const { paused } = usePaused();
  const past = useReplayed((view) => view.phase !== "live");
  return (
    <header className="fr-header" data-state={past ? "past" : state === "live" && paused ? "paused" : state}>
      <Link href="/" aria-label="Holdfast, to the fleet">
        <Brand />
      </Link>
      <EnvironmentPicker />
      <nav aria-label="Pages">
        {PAGES.filter((page) => page.place !== "menu").map((page) => (
          <Link key={page.href} href={page.href} data-wide={page.place === "wide"} aria-current={isOn(path, page) ? "page" : undefined}>
            {page.label}
            {page.action === "go-incidents" ? <OpenIncidentsBadge /> : null}
          </Link>
        ))}
      </nav>
      <span className="hf-grow" />
      <TimeControl />
      <AsOf>
        <OpenIncidents />
        <FleetCounts />
      </AsOf>
      <PaletteButton />
      <AccountMenu />
    </header>
  );
}

/** Screens draw live state, which the server's HTML cannot hold: they begin once the browser has taken over. */
function AfterHydration({ children }: { children: ReactNode }) {
  return useHydrated() ? children : null;
}

/** The fleet's own page may do without the values of the fleet (its picture is made elsewhere); every other page begins when they are here again. */
function Followed({ children }: { children: ReactNode }) {
  const path = usePathname();
  const following = useFollows() === "following";
  return path === "/" || following ? children : null;
}

function Page({ children }: { children: ReactNode }) {
  const past = useReplayed((view) => view.phase !== "live");
  const lost = useConnectionState() === "lost" && !past;
  return (
    <div className="fr-page" data-past={past} data-lost={lost}>
      <a href="#main" className="fr-skip">
        Skip to content
      </a>
      <Header />
      <ReplayBar />
      <main id="main" tabIndex={-1}>
        <Suspense>
          <AfterHydration>
            <AwayDigest />
            <BackLive />
            <ReplayMain>
              <Followed>{children}</Followed>
            </ReplayMain>
          </AfterHydration>
        </Suspense>
      </main>
      <AsOf>
        <Tideline />
      </AsOf>
      <Suspense>
        <ReplayUrl />
      </Suspense>
    </div>
  );
}

export function ConsoleFrame({ children }: { children: ReactNode }) {
  return (
    <LivePage>
      {(environment) => (
        <>
          <PictureProvider>
            <ReplayProvider environment={environment}>
              <GoingProvider>
                <ToolsProvider>
                  <Page>{children}</Page>
                </ToolsProvider>
              </GoingProvider>
            </ReplayProvider>
          </PictureProvider>
          <Announcer />
          <BrowserNotices />
        </>
      )}
    </LivePage>
  );
}

"use client";
/** The fleet across the room: few things, large, turning by themselves, and never older than they look. */
import { useRouter } from "next/navigation";
import { parseAsArrayOf, parseAsInteger, parseAsStringLiteral, useQueryState } from "nuqs";
import { THEMES } from "../../frame/appearance.ts";
import { useEnvironment } from "../../frame/environment.tsx";
import { useFreshIncidents } from "../../frame/open-incidents.tsx";
import { Tideline } from "../../frame/tideline.tsx";
import { useKey } from "../../keys/keys-provider.tsx";
import { useConnection } from "../../live/hooks.ts";
import { useBackfill } from "../fleet/use-backfill.ts";
import { useOpenIncidents } from "../incidents/use-incidents.ts";
import { driftAt } from "./drift.ts";
import { freshnessOf } from "./freshness.ts";
import { fleetRows, incidentRows, plainRows } from "./room.ts";
import { EVERY_S, everyMsOf, viewsOf, WALL_VIEWS } from "./rotation.ts";
import { toggleFullScreen, useStirred, useWakeLock } from "./use-kiosk.ts";
import { useRotation } from "./use-rotation.ts";
import { WallControls } from "./wall-controls.tsx";
import { WallFleet } from "./wall-fleet.tsx";
import { isUrgent, WallIncidents, WallUrgent } from "./wall-incidents.tsx";
import { WallHead } from "./wall-head.tsx";
import { WallMap } from "./wall-map.tsx";
import { WallSwitched } from "./wall-switched.tsx";
import { WallStale } from "./wall-stale.tsx";
import "./wall.css";

export function WallScreen() {
  const router = useRouter();
  const { environment } = useEnvironment();
  const [named] = useQueryState("views", parseAsArrayOf(parseAsStringLiteral(WALL_VIEWS)).withDefault([]));
  const [every] = useQueryState("every", parseAsInteger.withDefault(EVERY_S.usual));
  const [theme] = useQueryState("theme", parseAsStringLiteral(THEMES).withDefault("dark"));
  const { state, ageMs, now } = useConnection();
  useFreshIncidents();
  const filled = useBackfill();
  const incidents = useOpenIncidents(environment);
  const open = incidents.data ?? [];
  const views = viewsOf(named);
  const urgent = open.filter(isUrgent);
  const turning = useRotation({ views, everyMs: everyMsOf(every), urgent: urgent.length > 0 });
  const { view } = turning;
  const stirred = useStirred();
  useWakeLock();
  const leave = (): void => router.push("/");
  useKey("wall-leave", () => (leave(), true));
  useKey("wall-full", () => (toggleFullScreen(), true));

  const freshness = freshnessOf({ state, ageMs });
  // What is not heard of does not age: nobody knows whether it lasts.
  const at = freshness === "stale" ? now - (ageMs ?? 0) : now;
  const { x, y } = driftAt(now);
  const above = { urgent: urgent.length > 0, live: freshness === "live" };
  return (
    <div className="wl" data-theme={theme} data-fresh={freshness} data-stirred={stirred}>
      <WallStale freshness={freshness} now={now} ageMs={ageMs} />
      <div className="wl-drift" style={{ transform: `translate(${String(x)}px, ${String(y)}px)` }}>
        <WallHead view={view} views={views} held={turning.held} open={open} now={now} live={above.live} />
        <main className="wl-main" id="main">
          {view === "incidents" ? null : <WallUrgent urgent={urgent} now={at} />}
          {/* It stays while others are shown: its lines remember two minutes, and its order is calm. */}
          <div className="wl-view" hidden={view !== "fleet"}>
            <WallFleet filled={filled} room={fleetRows(above)} />
          </div>
          {view === "incidents" ? <WallIncidents known={incidents.isSuccess} open={open} room={incidentRows(above)} now={at} /> : null}
          {view === "switched" ? <WallSwitched environment={environment} room={plainRows(above)} /> : null}
          {view === "map" ? <WallMap /> : null}
        </main>
        <Tideline />
      </div>
      <WallControls turning={turning} onLeave={leave} />
    </div>
  );
}

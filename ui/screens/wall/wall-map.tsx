"use client";
import type { DependencyMap } from "../../../core/dependency-map.ts";
import { closeGroups, neighbourhood, startingPoint } from "../../../core/map-scope.ts";
import { useNow } from "../../live/hooks.ts";
import { MapDrawing } from "../map/map-drawing.tsx";
import { useMap } from "../map/use-map.ts";
import "../map/map.css";

/** More than this cannot be read from across a room. */
const READABLE = 16;

/** As much of the map as can be read from afar: all of it, else its groups, else the surroundings of the worst. */
export function readableMap(map: DependencyMap): { readonly map: DependencyMap; readonly part: string } {
  if (map.nodes.size <= READABLE) return { map, part: "" };
  const groups = map.groupedBy === null ? map : closeGroups(map, () => true);
  if (groups.nodes.size <= READABLE) return { map: groups, part: `grouped by ${map.groupedBy ?? ""}` };
  const start = startingPoint(map) ?? "";
  return { map: neighbourhood(map, start, 1), part: `around ${start}` };
}

const still = (): void => undefined;

export function WallMap() {
  const now = useNow(1000);
  const whole = useMap(now);
  const { map, part } = readableMap(whole);
  if (whole.edges.length === 0) return <p className="wl-plain">No service says yet whom it calls.</p>;
  return (
    <div className="wl-map">
      <MapDrawing
        map={map}
        clustered={false}
        selected={null}
        cascade={null}
        now={now}
        onSelect={still}
        onCloseGroup={still}
        onPoint={still}
      />
      {part === "" ? null : <p className="wl-foot">{part}</p>}
    </div>
  );
}

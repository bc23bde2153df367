"use client";
/** What screens read of the live state. Each hook draws its component again only when its topic changed. */
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { InstanceState } from "../../core/fleet.ts";
import type { Kind } from "../../protocol/kinds.ts";
import type { LoggedEvent } from "../../protocol/live.ts";
import { useLiveStore } from "./live-provider.tsx";
import type { ConnectionState, Topic } from "./live-store.ts";
import { rateAt, slotOf } from "./rates.ts";

/** Draws again on each flush that touched the topic; returns its version. */
export function useTopic(topic: Topic): number {
  const store = useLiveStore();
  return useSyncExternalStore(
    useCallback((listener) => store.subscribe(topic, listener), [store, topic]),
    () => store.version(topic),
    () => 0,
  );
}

/** Every instance, in order of service and name. The array is new with each change. */
export function useFleet(): readonly InstanceState[] {
  const store = useLiveStore();
  useTopic("fleet");
  return store.instances;
}

/** Values are drawn once a second, though they come a few times in it; silence is looked at a little later. */
const DRAWN_MS = 950;
const SILENT_MS = 1_100;

/**
 * The fleet and the time of its picture: both new once a second, and at once when a state changed or an instance came or went. A picture of the past
 * is new with each change.
 */
export function usePicture(): { readonly fleet: readonly InstanceState[]; readonly now: number } {
  const store = useLiveStore();
  const [beat, setBeat] = useState(0);
  useEffect(() => {
    let drawnAt = 0;
    let silence: ReturnType<typeof setTimeout> | undefined;
    const draw = (): void => {
      drawnAt = performance.now();
      clearTimeout(silence);
      silence = setTimeout(draw, SILENT_MS);
      setBeat((count) => count + 1);
    };
    const drawSoon = (): void => {
      if (store.past || performance.now() - drawnAt >= DRAWN_MS) draw();
    };
    const leave = [store.subscribe("states", draw), store.subscribe("fleet", drawSoon)];
    draw();
    return () => {
      clearTimeout(silence);
      for (const unsubscribe of leave) unsubscribe();
    };
  }, [store]);
  // eslint-disable-next-line react-hooks/exhaustive-deps
  return useMemo(() => ({ fleet: store.instances, now: store.now() }), [store, beat]);
}

/** Instances of one service, by name. */
export function useService(name: string): readonly InstanceState[] {
  const store = useLiveStore();
  useTopic(`service:${name}`);
  return [...store.fleet.instances.values()].filter((instance) => instance.service === name).sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Services with their instances, by name. */
export function useServices(): readonly { readonly name: string; readonly instances: readonly InstanceState[] }[] {
  const services = new Map<string, InstanceState[]>();
  for (const instance of useFleet()) {
    const list = services.get(instance.service);
    if (list) list.push(instance);
    else services.set(instance.service, [instance]);
  }
  return [...services].map(([name, instances]) => ({ name, instances }));
}

export interface ConnectionView {
  readonly state: ConnectionState;
  /** The console's clock, paused or not. */
  readonly now: number;
  /** Since the console was last heard; null before the first word. */
  readonly ageMs: number | null;
  readonly attempt: number;
  readonly environment: string;
}

/** The link to the console, refreshed every half second so that age never stands still. */
export function useConnection(): ConnectionView {
  const store = useLiveStore();
  useTopic("connection");
  useTick(500);
  const { state, attempt, environment } = store.connection;
  return { state, now: store.liveNow(), ageMs: store.ageMs(), attempt, environment };
}

/** Whether the console is heard; draws again only when that changes. */
export function useConnectionState(): ConnectionState {
  const store = useLiveStore();
  return useSyncExternalStore(
    useCallback((listener) => store.subscribe("connection", listener), [store]),
    () => store.connection.state,
    () => "connecting",
  );
}

/** Recent events, newest first, and how many could not be delivered. */
export function useEvents(): { readonly events: readonly LoggedEvent[]; readonly missed: number } {
  const store = useLiveStore();
  useTopic("events");
  return { events: store.events, missed: store.missed };
}

/** The time of the picture, refreshed at an interval; it stands still while paused. Ages of what is shown are measured by it. */
export function useNow(intervalMs = 1000): number {
  const store = useLiveStore();
  useTick(intervalMs);
  return store.now();
}

/** The console's clock, paused or not: for what runs out whether anyone looks or not. */
export function useLiveNow(intervalMs = 1000): number {
  const store = useLiveStore();
  useTick(intervalMs);
  return store.liveNow();
}

/** Grows when the policy of the environment moved: a reason to read switches and receipts again. */
export function usePolicyRevision(): number {
  return useTopic("policy");
}

export interface Paused {
  readonly paused: boolean;
  /** Events held back meanwhile. */
  readonly missed: number;
  readonly toggle: () => void;
}

export function usePaused(): Paused {
  const store = useLiveStore();
  useTopic("connection");
  const held = store.heldBack;
  return {
    paused: held !== null,
    missed: held ?? 0,
    toggle: () => {
      if (store.heldBack === null) store.pause();
      else store.resume();
    },
  };
}

/** True while the picture is of a moment in the past: nothing can be done to it. */
export function usePast(): boolean {
  return useLiveStore().past;
}

/** Grows when the time of the picture jumped; a key for what remembers the seconds before. */
export function useEpoch(): number {
  const store = useLiveStore();
  useTopic("fleet");
  return store.epoch;
}

/** Reads rates a second of counters from the last samples in this browser. */
export function useRates(): (instance: InstanceState, column: { kind: Kind; name: string; column: string }) => number | null {
  const store = useLiveStore();
  return useCallback((instance, column) => rateAt(store.ring(instance.key).samples, slotOf(instance, column)), [store]);
}

function useTick(intervalMs: number): void {
  const [, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTick((tick) => tick + 1), intervalMs);
    return () => clearInterval(timer);
  }, [intervalMs]);
}

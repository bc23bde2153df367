"use client";
/** What screens read of the live state. Each hook draws its component again only when its topic changed. */
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { InstanceState } from "../../core/fleet.ts";
import type { Kind } from "../../protocol/kinds.ts";
import type { LoggedEvent } from "../../protocol/live.ts";
import { useLiveStore } from "./live-provider.tsx";
import { onBeat } from "./beat.ts";
import { onDrawing } from "./drawing.ts";
import type { ConnectionState, LiveStore, Topic } from "./live-store.ts";
import { rateAt, slotOf } from "./rates.ts";

/** Draws again on each flush that touched the topic; returns its version. */
function useTopic(topic: Topic): number {
  const store = useLiveStore();
  return useSyncExternalStore(
    useCallback((listener) => store.subscribe(topic, listener), [store, topic]),
    () => store.version(topic),
    () => 0,
  );
}

/**
 * Draws again on each beat of a second, and at once when the topic changed: by default a state of a breaker, or who is there. Not while nobody asks
 * for it.
 */
export function useDrawing(topic: Topic = "states", active = true): number {
  const store = useLiveStore();
  const [drawing, setDrawing] = useState(0);
  useEffect(() => (active ? onDrawing(store, topic, () => setDrawing((count) => count + 1)) : undefined), [store, topic, active]);
  return drawing;
}

/** The fleet, in order of service and name, and the time of its picture; the same object until it is drawn again. */
export function usePicture(): { readonly fleet: readonly InstanceState[]; readonly now: number } {
  const store = useLiveStore();
  const drawing = useDrawing();
  // eslint-disable-next-line react-hooks/exhaustive-deps
  return useMemo(() => ({ fleet: store.instances, now: store.now() }), [store, drawing]);
}

/** Every instance, in order of service and name. */
export function useFleet(): readonly InstanceState[] {
  return usePicture().fleet;
}

/** How many instances are known. */
export function useFleetSize(): number {
  return useSelected("states", ({ fleet }) => fleet.instances.size, 0);
}

/** Instances of one service, by name. */
export function useService(name: string): readonly InstanceState[] {
  const store = useLiveStore();
  useDrawing(`states:${name}`);
  return store.instances.filter((instance) => instance.service === name);
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

/** The link to the console: new on each beat of half a second, so that age never stands still, and at once when it changes. */
export function useConnection(): ConnectionView {
  const store = useLiveStore();
  useSelected("connection", ({ connection }) => `${connection.state} ${String(connection.attempt)} ${connection.environment}`, "");
  useTick(500);
  const { state, attempt, environment } = store.connection;
  return { state, now: store.liveNow(), ageMs: store.ageMs(), attempt, environment };
}

/** Whether the console is heard; draws again only when that changes. */
export function useConnectionState(): ConnectionState {
  return useSelected("connection", ({ connection }) => connection.state, "connecting");
}

/** The environment that is looked at; empty until the console says so. */
export function useEnvironmentName(): string {
  return useSelected("connection", ({ connection }) => connection.environment, "");
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
  const held = useSelected("connection", ({ heldBack }) => heldBack, null);
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
  return useSelected("fleet", ({ epoch }) => epoch, 0);
}

/** Reads rates a second of counters from the last samples in this browser. */
export function useRates(): (instance: InstanceState, column: { kind: Kind; name: string; column: string }) => number | null {
  const store = useLiveStore();
  return useCallback((instance, column) => rateAt(store.ring(instance.key).samples, slotOf(instance, column)), [store]);
}

/** One value of the store, looked at with each change of the topic; draws again only when it is another one. `unknown` stands in the server's HTML. */
function useSelected<T extends string | number | null>(topic: Topic, select: (store: LiveStore) => T, unknown: T): T {
  const store = useLiveStore();
  return useSyncExternalStore(
    useCallback((listener) => store.subscribe(topic, listener), [store, topic]),
    () => select(store),
    () => unknown,
  );
}

function useTick(intervalMs: number): void {
  const [, setTick] = useState(0);
  useEffect(() => onBeat(intervalMs, () => setTick((tick) => tick + 1)), [intervalMs]);
}

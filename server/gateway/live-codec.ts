import { describeInstance, type FleetState, type InstanceState } from "../../core/fleet.ts";
import type { LiveDown, LoggedEvent, Scope } from "../../protocol/live.ts";

/** Text of one message, ready for any number of sockets. */
export function encodeLive(message: LiveDown): Buffer {
  return Buffer.from(JSON.stringify(message));
}

export function inScope(scope: Scope, service: string): boolean {
  return scope.service === undefined || scope.service === service;
}

/** Events that a scope sees: those of its service, and those of nobody in particular. */
export function eventsInScope<E extends LoggedEvent>(scope: Scope, events: readonly E[]): readonly E[] {
  return scope.service === undefined ? events : events.filter((event) => event.service === null || event.service === scope.service);
}

export function encodeEvents(events: readonly LoggedEvent[], now: number): Buffer {
  return encodeLive({ t: "event", now, events: events.map(plainEvent) });
}

/** Without the environment, which the scope has named. */
function plainEvent({ id, at, receivedAt, type, service, instance, resource, actor, data }: LoggedEvent): LoggedEvent {
  return { id, at, receivedAt, type, service, instance, resource, actor, data };
}

/** @param lastEvent events after this one follow on the socket */
export function encodeSnapshot(fleet: FleetState, { scope, lastEvent, now }: { scope: Scope; lastEvent: number; now: number }): Buffer {
  const instances = [];
  for (const state of fleet.instances.values()) if (inScope(scope, state.service)) instances.push(describeInstance(state));
  return encodeLive({ t: "snapshot", now, environment: scope.environment, lastEvent, revision: fleet.revision, instances });
}

/** One entry of a delta: the values that changed slots have now. */
export function encodeDeltaPart(state: InstanceState, slots: Iterable<number>): string {
  const pairs: number[] = [];
  for (const slot of slots) pairs.push(slot, state.row[slot] ?? 0);
  return JSON.stringify({ key: state.key, at: state.lastFrameAt ?? 0, slots: pairs });
}

export function encodeUpsertPart(state: InstanceState): string {
  return JSON.stringify(describeInstance(state));
}

/** A delta or upsert put together from parts that several scopes share. */
export function joinParts(type: "delta" | "upsert", parts: readonly string[], now: number): Buffer {
  return Buffer.from(`{"t":"${type}","now":${String(now)},"instances":[${parts.join(",")}]}`);
}

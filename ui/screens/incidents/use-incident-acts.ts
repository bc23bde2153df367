"use client";
/** Writes of incidents. A change that collides with somebody else's is told with both values; one that does not is sent again. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { EntryChange, IncidentAnswer } from "../../../protocol/incident-api.ts";
import { patch, post, ProblemError } from "../../api/client.ts";
import { differences, type Difference, type Wish } from "./conflict.ts";
import { keepIncident, readIncident } from "./use-incidents.ts";

export class ChangedMeanwhile extends Error {
  override readonly name = "ChangedMeanwhile";
  readonly differences: readonly Difference[];
  readonly current: IncidentAnswer;
  readonly wish: Wish;

  constructor(found: readonly Difference[], current: IncidentAnswer, wish: Wish) {
    super("Somebody else changed it meanwhile");
    this.differences = found;
    this.current = current;
    this.wish = wish;
  }
}

export interface ChangeOrder {
  readonly wish: Wish;
  /** The incident as the person looked at it. */
  readonly seen: IncidentAnswer;
}

/** An open incident grows by itself all the time: those changes are no reason to ask anybody. */
const TRIES = 5;

const pathOf = (id: string): string => `/incidents/${encodeURIComponent(id)}`;

/** @throws ChangedMeanwhile, ProblemError */
export async function changeCarefully({ wish, seen }: ChangeOrder): Promise<IncidentAnswer> {
  let version = seen.version;
  for (let tries = 1; ; tries++)
    try {
      return await patch<IncidentAnswer>(pathOf(seen.id), { ...wish, expectedVersion: version });
    } catch (error) {
      if (!(error instanceof ProblemError) || error.code !== "incident_conflict" || tries === TRIES) throw error;
      const current = await readIncident(seen.id);
      const found = differences(wish, seen, current);
      if (found.length > 0) throw new ChangedMeanwhile(found, current, wish);
      version = current.version;
    }
}

export function useChange() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: changeCarefully,
    onSuccess: (incident, { wish }) => {
      void keepIncident(client, incident);
      if (wish.review !== undefined || wish.severity !== undefined || wish.status !== undefined)
        void client.invalidateQueries({ queryKey: ["incident-story"] });
    },
    onError: (error) => {
      if (error instanceof ChangedMeanwhile) void keepIncident(client, error.current);
    },
  });
}

export type Act =
  | { readonly do: "reopen"; readonly reason: string }
  | { readonly do: "merge"; readonly into: string }
  | { readonly do: "split"; readonly symptoms: readonly string[]; readonly title: string }
  | { readonly do: "mark"; readonly symptom: string; readonly verdict: "cause" | "not_cause" | "none" };

/** Answers the incident to look at next: the same, the one it was merged into, or the one that was split off. */
export function useAct(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (act: Act): Promise<IncidentAnswer> => {
      switch (act.do) {
        case "reopen":
          return post(`${pathOf(id)}/reopen`, act.reason === "" ? {} : { reason: act.reason });
        case "merge":
          return post(`${pathOf(id)}/merge`, { into: act.into });
        case "split":
          return post(`${pathOf(id)}/split`, { symptoms: act.symptoms, ...(act.title === "" ? {} : { title: act.title }) });
        case "mark":
          return post(`${pathOf(id)}/marks`, { symptom: act.symptom, verdict: act.verdict });
      }
    },
    onSuccess: (incident) => {
      void keepIncident(client, incident);
      void client.invalidateQueries({ queryKey: ["incident-story"] });
    },
  });
}

export interface NewNote {
  readonly text: string;
  /** Null: now. */
  readonly at: number | null;
  readonly pinned: boolean;
}

export function useNote(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ text, at, pinned }: NewNote) => post(`${pathOf(id)}/notes`, { text, pinned, ...(at === null ? {} : { at }) }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["incidents"] }),
  });
}

export function useEntryChange(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ key, change }: { readonly key: string; readonly change: EntryChange }) =>
      patch(`${pathOf(id)}/entries/${encodeURIComponent(key)}`, change),
    onSuccess: () => client.invalidateQueries({ queryKey: ["incidents"] }),
  });
}

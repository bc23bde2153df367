"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { UserAnswer } from "../../../protocol/api.ts";
import { patch } from "../../api/client.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { changeSentence, ROLES, ROLE_WORDS, type Role } from "./roles.ts";

type Change = { readonly role: Role } | { readonly banned: boolean };

/** One person: the role can be changed and the door closed, each in two steps. */
export function PersonRow({ person, self }: { readonly person: UserAnswer; readonly self: boolean }) {
  const [asked, setAsked] = useState<Change | null>(null);
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (body: Change) => patch<UserAnswer>(`/users/${encodeURIComponent(person.id)}`, body),
    onSuccess: () => setAsked(null),
    onSettled: () => client.invalidateQueries({ queryKey: ["users"] }),
  });
  const ask = (next: Change | null): void => {
    change.reset();
    setAsked(next);
  };
  const wanted = asked !== null && "role" in asked ? asked.role : person.role;
  return (
    <li className="st-person" data-out={person.banned} data-row>
      <Glyph status={person.banned ? "offline" : "closed"} size={14} label={person.banned ? "shut out" : "may sign in"} />
      <span className="st-who">
        <b>{person.name}</b> {self ? <span className="st-note">you</span> : null}
        <span className="st-note">{person.email}</span>
      </span>
      <label className="st-role">
        <span className="hf-unseen">Role of {person.name}</span>
        <select
          value={wanted}
          disabled={person.banned || change.isPending}
          onChange={(event) => {
            const role = ROLES.find((known) => known === event.target.value);
            ask(role === undefined || role === person.role ? null : { role });
          }}
        >
          {ROLES.map((role) => (
            <option key={role} value={role}>
              {ROLE_WORDS[role].name}
            </option>
          ))}
        </select>
      </label>
      <span className="st-note">
        since <RelativeTime at={person.createdAt} />
      </span>
      <Button refusal={self ? "You cannot shut yourself out." : undefined} onClick={() => ask({ banned: !person.banned })}>
        {person.banned ? "Let in" : "Shut out"}
      </Button>
      {asked === null ? null : (
        <div className="st-confirm" role="group" aria-label={`Change ${person.name}`}>
          <p>
            {changeSentence(person, asked)}
            {self && "role" in asked ? " That is you." : ""}
          </p>
          <ErrorNote error={change.error} />
          <Button
            tone={"banned" in asked && asked.banned ? "danger" : "primary"}
            disabled={change.isPending}
            onClick={() => change.mutate(asked)}
          >
            {change.isPending ? "Changing…" : "Yes, change it"}
          </Button>
          <Button tone="quiet" onClick={() => ask(null)}>
            Leave it
          </Button>
        </div>
      )}
    </li>
  );
}

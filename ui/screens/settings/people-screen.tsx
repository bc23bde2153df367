"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { UserAnswer } from "../../../protocol/api.ts";
import { get, query } from "../../api/client.ts";
import { useMe } from "../../api/queries.ts";
import { plural } from "../../charts/format.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { NewPerson } from "./new-person.tsx";
import { PersonRow } from "./person-row.tsx";
import { ROLES, ROLE_WORDS } from "./roles.ts";

interface UserPage {
  readonly items: UserAnswer[];
  readonly nextCursor: string | null;
}

/** All of them: an installation has dozens of people, not thousands. */
async function everybody(signal: AbortSignal): Promise<UserAnswer[]> {
  const found: UserAnswer[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page: UserPage = await get<UserPage>(`/users${query({ limit: 500, cursor })}`, signal);
    found.push(...page.items);
    cursor = page.nextCursor;
  }
  return found;
}

/** Who may sign in, and what they may do. */
export function PeopleScreen() {
  const me = useMe();
  const [making, setMaking] = useState(false);
  const admin = me.data?.role === "admin";
  const people = useQuery({ queryKey: ["users"], queryFn: ({ signal }) => everybody(signal), enabled: admin });
  const left = (person: UserAnswer): number => Number(person.banned);
  return (
    <>
      <div className="st-bar">
        <span className="st-note">{people.data === undefined ? "" : plural(people.data.length, "person", "people")}</span>
        <span className="hf-grow" />
        {making ? null : (
          <Button
            tone="primary"
            refusal={me.data === undefined || admin ? undefined : "People are added by administrators."}
            onClick={() => setMaking(true)}
          >
            Add a person
          </Button>
        )}
      </div>
      {making ? <NewPerson onClose={() => setMaking(false)} /> : null}
      {me.data === undefined || admin ? null : (
        <p className="st-note">
          You are {me.data.role === "operator" ? "an operator" : "a viewer"}: the list of people is for administrators. Ask one of them for
          another role.
        </p>
      )}
      {me.isError || people.isError ? <ErrorNote error={me.error ?? people.error} /> : null}
      {people.isPending && admin ? <p className="st-note">Reading…</p> : null}
      {people.data === undefined ? null : (
        <ul className="st-list">
          {[...people.data]
            .sort((a, b) => left(a) - left(b))
            .map((person) => (
              <PersonRow key={person.id} person={person} self={person.email === me.data?.email} />
            ))}
        </ul>
      )}
      <dl className="st-roles">
        {ROLES.map((role) => (
          <div key={role}>
            <dt>{ROLE_WORDS[role].name}</dt>
            <dd>{ROLE_WORDS[role].may}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

import type { UserAnswer } from "../../../protocol/api.ts";

export type Role = UserAnswer["role"];
export const ROLES = ["viewer", "operator", "admin"] as const satisfies readonly Role[];

export const ROLE_WORDS: Readonly<Record<Role, { readonly name: string; readonly a: string; readonly may: string }>> = {
  viewer: { name: "Viewer", a: "a viewer", may: "sees everything, changes nothing" },
  operator: { name: "Operator", a: "an operator", may: "also flips switches, changes policies, works on incidents" },
  admin: { name: "Administrator", a: "an administrator", may: "also makes tokens and decides who may sign in" },
};

/** What a change of a person means, before it is made. */
export function changeSentence(person: Pick<UserAnswer, "name" | "role" | "banned">, change: { role?: Role; banned?: boolean }): string {
  const ends = "Their sessions end at once";
  if (change.banned === true) return `Shut ${person.name} out? ${ends}, and they cannot sign in until you let them in again.`;
  if (change.banned === false) return `Let ${person.name} in again, as ${ROLE_WORDS[person.role].a}?`;
  const to = change.role ?? person.role;
  return `Make ${person.name} ${ROLE_WORDS[to].a}? ${ends}; they sign in again with the new role.`;
}

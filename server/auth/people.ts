/** The door to the people who may sign in. The adapter in better-auth-people.ts brings the library; nothing else knows it. */
import type { Page } from "../store/store.ts";
import type { Principal, Role } from "./principal.ts";

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly banned: boolean;
  readonly createdAt: number;
}

export interface PersonSession {
  readonly id: string;
  readonly userId: string;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly expiresAt: number;
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** Where a request comes from, for the list of sessions. */
export interface Caller {
  readonly address: string;
  readonly userAgent: string | null;
}

export type UserPrincipal = Extract<Principal, { kind: "user" }>;

export interface SignedIn {
  readonly principal: UserPrincipal;
  readonly email: string;
  /** `Set-Cookie` values for the answer. */
  readonly cookies: readonly string[];
}

export interface People {
  count(): Promise<number>;
  signIn(email: string, password: string, caller: Caller): Promise<SignedIn | "wrong" | "banned">;
  /** Ends the session of the cookie. */
  signOut(cookie: string): Promise<readonly string[]>;
  /** Who the cookie belongs to; cookies are to be set when the session was prolonged. */
  session(cookie: string): Promise<SignedIn | null>;
  /** The value of our session cookie in a Cookie header; null when it is not there. */
  sessionCookie(header: string | undefined): string | null;
  sessionLives(sessionId: string): Promise<boolean>;
  sessionsOf(userId: string): Promise<readonly PersonSession[]>;
  findSession(id: string): Promise<PersonSession | null>;
  endSession(id: string): Promise<void>;
  /** Null when the email is taken. */
  create(person: { readonly name: string; readonly email: string; readonly password: string; readonly role: Role }): Promise<Person | null>;
  find(id: string): Promise<Person | null>;
  /** Oldest first. */
  list(query: { readonly cursor?: string | undefined; readonly limit: number }): Promise<Page<Person>>;
  /** Users with the role admin who are not banned. */
  countAdmins(): Promise<number>;
  update(
    id: string,
    change: { readonly role?: Role | undefined; readonly banned?: boolean | undefined; readonly name?: string | undefined },
  ): Promise<Person>;
}

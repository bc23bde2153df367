/** Who is asking. Every API handler and socket message gets one; nothing is decided without it. */
export const ROLES = ["viewer", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

export type Principal =
  | { readonly kind: "user"; readonly id: string; readonly name: string; readonly role: Role; readonly sessionId: string }
  | { readonly kind: "token"; readonly id: string; readonly name: string; readonly role: Role }
  | { readonly kind: "bootstrap"; readonly id: "bootstrap"; readonly name: "bootstrap"; readonly role: "admin" };

/** How an actor is named in the log. */
export function actorOf(principal: Principal): string {
  return principal.kind === "bootstrap" ? "token:bootstrap" : `${principal.kind}:${principal.name}`;
}

/** What an agent token allows. */
export interface AgentGrant {
  readonly tokenId: string;
  readonly environment: string;
  /** Empty: any service. */
  readonly services: readonly string[];
  /** Console clock; when the token ends, so does its socket. Absent or null: no end. */
  readonly expiresAt?: number | null;
}

/** The door between auth and the sockets. */
export interface SocketAuth {
  /** The grant of an `Authorization: Bearer hfa_...` header, or null. Constant work for unknown tokens. */
  agent(authorization: string | undefined, address?: string): Promise<AgentGrant | null>;
  /** Spends a one-use ticket (valid 30 s) from POST /api/v1/live-tickets; null when unknown, spent or expired. */
  redeemTicket(ticket: string): Promise<Principal | null>;
  /** Still allowed? Asked again for open browser sockets every few seconds. */
  stillValid(principal: Principal): Promise<boolean>;
}

/** True when `role` may do what `needed` may. */
export function roleCovers(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

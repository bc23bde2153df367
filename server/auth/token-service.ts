import { randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import type { Bus } from "../bus/bus.ts";
import type { Clock } from "../clock.ts";
import { ApiError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { ApiToken, Page, Store } from "../store/store.ts";
import type { Audit } from "./audit.ts";
import { BriefCache } from "./brief-cache.ts";
import { actorOf, type AgentGrant, type Principal, type Role } from "./principal.ts";
import { hashToken, mintToken, shownPart, tokenPrefix } from "./token-format.ts";

export interface TokenOrder {
  readonly kind: "agent" | "api";
  readonly name: string;
  readonly role: Role | null;
  readonly environment: string | null;
  readonly services: readonly string[];
  readonly expiresInSeconds: number | null;
}

export interface TokenServiceOptions {
  readonly store: Pick<Store, "createToken" | "findToken" | "listTokens" | "countTokens" | "revokeToken" | "touchToken">;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly bootstrapToken: string | undefined;
  readonly countPeople: () => Promise<number>;
}

/** A credential may still count this long after it ended, where it was just looked up. */
export const CACHE_MS = 2_000;
const TOUCH_MS = 60_000;
const BOOTSTRAP: Principal = { kind: "bootstrap", id: "bootstrap", name: "bootstrap", role: "admin" };

const targetOf = ({ name, environment }: ApiToken) => ({ thing: name, environment });
/** What may be told of a token. */
const shownOf = ({ id, kind, prefix, role, services, expiresAt, revokedAt }: ApiToken) => ({
  ...{ id, kind, prefix, expiresAt, revokedAt },
  ...(kind === "agent" ? { services } : { role }),
});

/** Tokens of agents and scripts, and the bootstrap token of automated provisioning. */
export class TokenService {
  readonly #options: TokenServiceOptions;
  readonly #cache: BriefCache<ApiToken | null>;
  readonly #touched = new Map<string, number>();
  /** By token id, for the re-checks of open sockets. */
  readonly #hashes = new Map<string, string>();
  #bootstrapSpent = false;

  constructor(options: TokenServiceOptions) {
    this.#options = options;
    this.#cache = new BriefCache(options.clock, CACHE_MS);
    options.bus.subscribe((message) => {
      if (message.type === "token-revoked") this.#cache.forget(this.#hashes.get(message.tokenId) ?? "");
    });
  }

  /** Who a bearer credential belongs to; null when it is worth nothing. @throws ApiError bootstrap_spent, agent_token_refused */
  async principal(bearer: string): Promise<Principal | null> {
    if (await this.#isBootstrap(bearer)) return BOOTSTRAP;
    const prefix = tokenPrefix(bearer);
    if (prefix === "hfa_") throw new ApiError("agent_token_refused");
    const token = prefix === "hfp_" ? await this.#find(bearer) : null;
    if (token?.kind !== "api" || token.role === null) return null;
    return { kind: "token", id: token.id, name: token.name, role: token.role };
  }

  /** What an agent's bearer credential allows; null when it is worth nothing. */
  async grant(bearer: string): Promise<AgentGrant | null> {
    const token = tokenPrefix(bearer) === "hfa_" ? await this.#find(bearer) : null;
    if (token?.kind !== "agent" || token.environment === null) return null;
    return { tokenId: token.id, environment: token.environment, services: token.services, expiresAt: token.expiresAt };
  }

  /** Still good? Only for principals that came from `principal`. */
  async stillValid(principal: Exclude<Principal, { kind: "user" }>): Promise<boolean> {
    if (principal.kind === "bootstrap") return !(await this.#spent());
    const hash = this.#hashes.get(principal.id);
    return hash !== undefined && this.#isGood(await this.#ask(hash));
  }

  /** @returns the record, and the secret that is never shown again */
  async create(order: TokenOrder, by: Principal): Promise<{ readonly record: ApiToken; readonly token: string }> {
    const { store, clock, audit } = this.#options;
    const { expiresInSeconds, ...told } = order;
    const token = mintToken(order.kind === "agent" ? "hfa_" : "hfp_", randomBytes(32));
    const now = clock.now();
    const record: ApiToken = {
      ...told,
      id: randomUUID(),
      prefix: shownPart(token),
      hash: hashToken(token),
      createdAt: now,
      createdBy: actorOf(by),
      expiresAt: expiresInSeconds === null ? null : now + expiresInSeconds * 1_000,
      revokedAt: null,
      lastUsedAt: null,
    };
    await store.createToken(record, audit.entry({ action: "token.created", actor: by, ...targetOf(record), after: shownOf(record) }));
    if (record.kind === "api") this.#bootstrapSpent = true;
    return { record, token };
  }

  list(kind: "agent" | "api", page: { readonly cursor?: string | undefined; readonly limit: number }): Promise<Page<ApiToken>> {
    return this.#options.store.listTokens({ kind, limit: page.limit, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) });
  }

  /** Its sockets close within seconds. @throws ApiError token_unknown */
  async revoke(kind: "agent" | "api", id: string, by: Principal): Promise<ApiToken> {
    const { store, clock, audit, bus } = this.#options;
    const token = await this.#listed(kind, id);
    if (!token) throw new ApiError("token_unknown");
    const at = clock.now();
    const after = { ...shownOf(token), revokedAt: at };
    const entry = audit.entry({ action: "token.revoked", actor: by, ...targetOf(token), before: shownOf(token), after });
    const revoked = await store.revokeToken(id, at, entry);
    if (!revoked) throw new ApiError("token_unknown");
    this.#cache.forget(revoked.hash);
    bus.publish({ type: "token-revoked", tokenId: id });
    return revoked;
  }

  /** Whose it is or was: of a token that counts no more, too. Null for what never was one. */
  async recognise(bearer: string): Promise<ApiToken | null> {
    return tokenPrefix(bearer) === null ? null : this.#ask(hashToken(bearer));
  }

  async #listed(kind: "agent" | "api", id: string): Promise<ApiToken | null> {
    let cursor: string | undefined;
    do {
      const page: Page<ApiToken> = await this.list(kind, { limit: 500, cursor });
      const found = page.items.find((token) => token.id === id);
      if (found) return found;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return null;
  }

  async #find(token: string): Promise<ApiToken | null> {
    const hash = hashToken(token);
    const found = await this.#ask(hash);
    if (!this.#isGood(found)) return null;
    this.#hashes.set(found.id, hash);
    this.#touch(found.id);
    return found;
  }

  #ask(hash: string): Promise<ApiToken | null> {
    return this.#cache.get(hash, () => this.#options.store.findToken(hash));
  }

  #isGood(token: ApiToken | null): token is ApiToken {
    return token !== null && token.revokedAt === null && (token.expiresAt === null || token.expiresAt > this.#options.clock.now());
  }

  #touch(id: string): void {
    const { store, clock, log } = this.#options;
    const now = clock.monotonic();
    const last = this.#touched.get(id);
    if (last !== undefined && now - last < TOUCH_MS) return;
    this.#touched.set(id, now);
    store
      .touchToken(id, clock.now())
      .catch((error: unknown) => log.debug({ err: error, tokenId: id }, "the last use of a token could not be noted"));
  }

  async #isBootstrap(bearer: string): Promise<boolean> {
    const { bootstrapToken } = this.#options;
    if (bootstrapToken === undefined) return false;
    if (!timingSafeEqual(Buffer.from(hashToken(bearer)), Buffer.from(hashToken(bootstrapToken)))) return false;
    if (await this.#spent()) throw new ApiError("bootstrap_spent");
    return true;
  }

  async #spent(): Promise<boolean> {
    const { store, countPeople } = this.#options;
    this.#bootstrapSpent ||= (await countPeople()) > 0 || (await store.countTokens("api")) > 0;
    return this.#bootstrapSpent;
  }
}

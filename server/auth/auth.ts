/** Who is asking, decided in one place for requests and sockets; and everything that changes who may ask. */
import type { Bus } from "../bus/bus.ts";
import type { Clock } from "../clock.ts";
import { ApiError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";
import type { AuditAction } from "../../protocol/audit.ts";
import { identified } from "../audit/asking.ts";
import { Audit } from "./audit.ts";
import { BriefCache } from "./brief-cache.ts";
import type { Caller, People, Person, SignedIn } from "./people.ts";
import { actorOf, type Principal, type Role, type SocketAuth } from "./principal.ts";
import { RateLimit } from "./rate-limit.ts";
import { SetupLink } from "./setup-link.ts";
import { Tickets, type IssuedTicket } from "./tickets.ts";
import { CACHE_MS, TokenService } from "./token-service.ts";

export interface AuthOptions {
  readonly people: People;
  readonly store: Pick<Store, "createToken" | "findToken" | "listTokens" | "countTokens" | "revokeToken" | "touchToken" | "appendAudit">;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly bootstrapToken: string | undefined;
}

/** What a request brought along. */
export interface Credentials {
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
}

export interface Authenticated {
  readonly principal: Principal;
  readonly email: string | null;
  /** The browser sent it by itself: writes need proof that our own page asked. */
  readonly byCookie: boolean;
  readonly setCookies: readonly string[];
}

const FAILURES_PER_ADDRESS = { max: 30, windowMs: 300_000 };
const FAILURES_PER_ACCOUNT = { max: 10, windowMs: 300_000 };
const DENIALS_NOTED = { max: 1, windowMs: 60_000 };
/** Somebody whom the console did not come to know. */
const stranger = (name: string) => ({ kind: "unknown" as const, id: null, name });

/** A request that was not let through. */
export interface Refusal {
  readonly method: string;
  readonly path: string;
  readonly code: string;
  readonly address: string;
  readonly authorization: string | undefined;
  /** It brought a session of ours, which counts no more. */
  readonly cookie: boolean;
}

const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1_000));
const bearerOf = (authorization: string | undefined): string | null => /^bearer +(\S+) *$/i.exec(authorization ?? "")?.[1] ?? null;

const shownOf = ({ id, name, role, banned }: Person) => ({ id, name, role, banned });

/** Prefix and eight characters: what tokens are listed by. */
const SHOWN_OF_TOKEN = 12;

export class Auth implements SocketAuth {
  readonly audit: Audit;
  readonly tokens: TokenService;
  readonly people: People;
  readonly #options: AuthOptions;
  readonly #setup: SetupLink;
  readonly #tickets: Tickets;
  readonly #sessions: BriefCache<SignedIn | null>;
  readonly #perAddress: RateLimit;
  readonly #perAccount: RateLimit;
  readonly #denials: RateLimit;
  #settingUp: Promise<unknown> = Promise.resolve();
  #hasPeople = false;

  constructor(options: AuthOptions) {
    const { people, clock, bus } = options;
    this.#options = options;
    this.people = people;
    this.audit = new Audit(options);
    this.tokens = new TokenService({ ...options, audit: this.audit, countPeople: () => people.count() });
    this.#setup = new SetupLink(clock);
    this.#tickets = new Tickets(clock);
    this.#sessions = new BriefCache(clock, CACHE_MS);
    this.#perAddress = new RateLimit({ clock, ...FAILURES_PER_ADDRESS });
    this.#perAccount = new RateLimit({ clock, ...FAILURES_PER_ACCOUNT });
    this.#denials = new RateLimit({ clock, ...DENIALS_NOTED });
    bus.subscribe((message) => {
      if (message.type === "session-ended") this.#sessions.clear();
    });
  }

  /** Null when nobody is signed in. @throws ApiError for credentials that deserve a word: a spent bootstrap token, an agent's token */
  async authenticate({ authorization, cookie }: Credentials): Promise<Authenticated | null> {
    if (authorization !== undefined) {
      const bearer = bearerOf(authorization);
      const principal = bearer === null ? null : await this.tokens.principal(bearer);
      return principal && { principal, email: null, byCookie: false, setCookies: [] };
    }
    const value = this.people.sessionCookie(cookie);
    if (value === null) return null;
    const found = await this.#sessions.get(value, () => this.people.session(value));
    return found && { principal: found.principal, email: found.email, byCookie: true, setCookies: found.cookies };
  }

  async agent(authorization: string | undefined, address = "unknown"): ReturnType<SocketAuth["agent"]> {
    const bearer = bearerOf(authorization);
    const grant = bearer === null ? null : await this.tokens.grant(bearer);
    // The start of a token is made to be shown; one note a minute for each tells an operator which service holds a dead one.
    const shown = bearer?.slice(0, SHOWN_OF_TOKEN) ?? "none";
    if (grant === null && this.#denials.take(`agent ${shown}`) === 0) {
      const known = bearer === null ? null : await this.tokens.recognise(bearer).catch(() => null);
      this.audit.note({
        action: "auth.agent_refused",
        actor: { kind: "agent", id: known?.id ?? null, name: known?.name ?? "unknown" },
        thing: shown,
        address,
        environment: known?.environment ?? null,
        refused: "unauthenticated",
      });
    }
    return grant;
  }

  issueTicket(principal: Principal): IssuedTicket {
    return this.#tickets.issue(principal);
  }

  async redeemTicket(ticket: string): Promise<Principal | null> {
    const principal = this.#tickets.redeem(ticket);
    return principal && (await this.stillValid(principal)) ? principal : null;
  }

  stillValid(principal: Principal): Promise<boolean> {
    return principal.kind === "user" ? this.people.sessionLives(principal.sessionId) : this.tokens.stillValid(principal);
  }

  /** @throws ApiError rate_limited, credentials_invalid, account_banned */
  async signIn(email: string, password: string, caller: Caller): Promise<SignedIn> {
    const account = email.trim().toLowerCase();
    this.#limit([this.#perAddress, caller.address], [this.#perAccount, account]);
    const outcome = await this.people.signIn(account, password, caller);
    if (typeof outcome === "string") {
      const code = outcome === "banned" ? "account_banned" : "credentials_invalid";
      this.audit.note({ action: "auth.sign_in_failed", actor: stranger("somebody"), thing: account.slice(0, 200), refused: code });
      throw new ApiError(code);
    }
    this.#perAddress.forgive(caller.address);
    this.#perAccount.forgive(account);
    identified(outcome.principal);
    this.audit.note({ action: "auth.signed_in", actor: outcome.principal, thing: account });
    return outcome;
  }

  async signOut(cookie: string | undefined, principal: Principal): Promise<readonly string[]> {
    const value = this.people.sessionCookie(cookie);
    if (value === null || principal.kind !== "user") return [];
    const cookies = await this.people.signOut(value);
    this.#ended(principal.sessionId);
    this.audit.note({ action: "auth.signed_out", actor: principal });
    return cookies;
  }

  /** True until there is someone who can sign in. */
  async needsSetup(): Promise<boolean> {
    this.#hasPeople ||= (await this.people.count()) > 0;
    return !this.#hasPeople;
  }

  /** The token of a new set-up link, while no user exists; else null. */
  async openSetup(): Promise<string | null> {
    return (await this.needsSetup()) ? this.#setup.open() : null;
  }

  /** Makes the first administrator and signs it in. @throws ApiError setup_done, setup_link_invalid, rate_limited */
  setUp(
    order: { readonly token: string; readonly name: string; readonly email: string; readonly password: string },
    caller: Caller,
  ): Promise<SignedIn> {
    const work = async (): Promise<SignedIn> => {
      if (!(await this.needsSetup())) throw new ApiError("setup_done");
      this.#limit([this.#perAddress, caller.address]);
      if (!this.#setup.accepts(order.token)) {
        this.audit.note({ action: "auth.set_up", actor: stranger("somebody"), refused: "setup_link_invalid" });
        throw new ApiError("setup_link_invalid");
      }
      const person = await this.people.create({ ...order, role: "admin" });
      if (!person) throw new ApiError("setup_done");
      this.#setup.close();
      this.#perAddress.forgive(caller.address);
      await this.audit.record({ action: "auth.set_up", actor: stranger("set-up link"), thing: person.name, after: shownOf(person) });
      return this.signIn(order.email, order.password, caller);
    };
    // One after the other, so that a link that is sent twice at once makes one administrator.
    const turn = this.#settingUp.then(work, work);
    this.#settingUp = turn.catch(() => undefined);
    return turn;
  }

  /** @throws ApiError session_unknown, when it is not there or not theirs to end */
  async endSession(id: string, by: Principal): Promise<void> {
    const session = await this.people.findSession(id);
    const theirs = by.role === "admin" || (by.kind === "user" && session?.userId === by.id);
    if (!session || !theirs) throw new ApiError("session_unknown");
    await this.people.endSession(id);
    this.#ended(id);
    await this.#record("session.ended", by, { thing: id, before: { userId: session.userId, address: session.address } });
  }

  /** @throws ApiError email_taken */
  async createUser(
    order: { readonly name: string; readonly email: string; readonly password: string; readonly role: Role },
    by: Principal,
  ): Promise<Person> {
    const person = await this.people.create(order);
    if (!person) throw new ApiError("email_taken");
    this.#hasPeople = true;
    await this.#record("user.created", by, { thing: person.name, after: shownOf(person) });
    return person;
  }

  /** A changed role or a ban ends the person's sessions: rights are taken at sign-in. @throws ApiError user_unknown, last_admin */
  async updateUser(
    id: string,
    change: { readonly role?: Role | undefined; readonly banned?: boolean | undefined; readonly name?: string | undefined },
    by: Principal,
  ): Promise<Person> {
    const before = await this.people.find(id);
    if (!before) throw new ApiError("user_unknown");
    const losesAdmin =
      before.role === "admin" && !before.banned && (change.banned === true || (change.role !== undefined && change.role !== "admin"));
    if (losesAdmin && (await this.people.countAdmins()) <= 1) throw new ApiError("last_admin");
    const after = await this.people.update(id, change);
    if (after.role !== before.role || after.banned) {
      for (const session of await this.people.sessionsOf(id)) {
        await this.people.endSession(session.id);
        this.#ended(session.id);
      }
    }
    // Last, so that a log that cannot be written never leaves rights standing that were taken away.
    await this.#record("user.changed", by, { thing: after.name, before: shownOf(before), after: shownOf(after) });
    return after;
  }

  /**
   * Somebody was refused. Noted once a minute for each of them and each thing; a stranger who brings nothing is none of ours. Of a token that
   * counts no more it is said whose it was.
   */
  async denied(principal: Principal | null, what: Refusal): Promise<void> {
    const bearer = bearerOf(what.authorization);
    if (principal === null && what.authorization === undefined && !what.cookie) return;
    const known = principal === null && bearer !== null ? await this.tokens.recognise(bearer).catch(() => null) : null;
    const token = known && { kind: known.kind === "agent" ? ("agent" as const) : ("token" as const), id: known.id, name: known.name };
    const actor = principal ?? token ?? stranger(what.authorization === undefined ? "ended session" : "unknown token");
    const who = principal ? actorOf(principal) : (known?.id ?? `${actor.name} ${what.address}`);
    if (this.#denials.take(`${who} ${what.code}`) > 0) return;
    this.audit.note({
      action: "auth.denied",
      actor,
      ...(bearer === null ? {} : { source: "api" as const }),
      thing: `${what.method} ${what.path.slice(0, 200)}`,
      refused: what.code,
    });
  }

  #record(action: AuditAction, actor: Principal, deed: Omit<Parameters<Audit["record"]>[0], "action" | "actor">): Promise<void> {
    return this.audit.record({ ...deed, action, actor });
  }

  #ended(sessionId: string): void {
    this.#sessions.clear();
    this.#options.bus.publish({ type: "session-ended", sessionId });
  }

  #limit(...limits: readonly (readonly [RateLimit, string])[]): void {
    const wait = Math.max(...limits.map(([limit, key]) => limit.take(key)));
    if (wait > 0) throw new ApiError("rate_limited", { retryAfterSeconds: seconds(wait) });
  }
}

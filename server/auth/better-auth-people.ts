/** People through better-auth: email and password, roles, ban. Sign-up is closed; its own routes are never mounted. */
import { randomUUID } from "node:crypto";
import { betterAuth, type BetterAuthOptions } from "better-auth";
import { prismaAdapter } from "better-auth/adapters/prisma";
import { admin } from "better-auth/plugins";
import type { Clock } from "../clock.ts";
import { ApiError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Db } from "../store/db.ts";
import type { People, Person, PersonSession, SignedIn } from "./people.ts";
import { ROLES, type Role } from "./principal.ts";

export interface BetterAuthPeopleOptions {
  readonly authDb: Db;
  readonly provider: "sqlite" | "postgresql";
  readonly secret: string;
  /** Origin of the console; https makes the cookie `__Host-` and Secure. */
  readonly publicUrl: string;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
}

/** A session nobody used for this long is over. */
export const IDLE_SECONDS = 12 * 3_600;
/** And no session lives longer than this. */
export const ABSOLUTE_MS = 7 * 86_400_000;
const PROLONG_SECONDS = 60;
const ADDRESS_HEADER = "x-holdfast-address";

interface UserRow {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly createdAt: Date;
  readonly role?: string | null | undefined;
  readonly banned?: boolean | null | undefined;
}
interface SessionRow {
  readonly id: string;
  readonly userId: string;
  readonly token: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly expiresAt: Date;
  readonly ipAddress?: string | null | undefined;
  readonly userAgent?: string | null | undefined;
}

const roleOf = (text: string | null | undefined): Role => ROLES.find((role) => role === text) ?? "viewer";
const personOf = (row: UserRow): Person => ({
  id: row.id,
  name: row.name,
  email: row.email,
  role: roleOf(row.role),
  banned: row.banned === true,
  createdAt: row.createdAt.getTime(),
});
const sessionOf = (row: SessionRow): PersonSession => ({
  id: row.id,
  userId: row.userId,
  createdAt: row.createdAt.getTime(),
  lastSeenAt: row.updatedAt.getTime(),
  expiresAt: row.expiresAt.getTime(),
  address: row.ipAddress === "" ? null : (row.ipAddress ?? null),
  userAgent: row.userAgent === "" ? null : (row.userAgent ?? null),
});

export async function createBetterAuthPeople(options: BetterAuthPeopleOptions): Promise<People> {
  const { authDb, clock, log } = options;
  const secure = options.publicUrl.startsWith("https://");
  const cookieName = secure ? "__Host-holdfast" : "holdfast";
  const auth = betterAuth({
    baseURL: options.publicUrl,
    secret: options.secret,
    database: prismaAdapter(authDb, { provider: options.provider }),
    telemetry: { enabled: false },
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 12, maxPasswordLength: 128 },
    session: { expiresIn: IDLE_SECONDS, updateAge: PROLONG_SECONDS, cookieCache: { enabled: false } },
    // Tries are limited where the address is known: before the library is asked.
    rateLimit: { enabled: false },
    logger: { log: (level, message) => log.debug({ level }, `auth library: ${message}`) },
    advanced: {
      useSecureCookies: false,
      cookies: { session_token: { name: cookieName, attributes: { httpOnly: true, sameSite: "lax", path: "/", secure } } },
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
    },
    plugins: [admin({ defaultRole: "viewer" })],
  } satisfies BetterAuthOptions);
  const { internalAdapter, password } = await auth.$context;

  const withCookie = (cookie: string): Headers => new Headers({ cookie: `${cookieName}=${cookie}` });
  /** The library also clears cookies of features that are off; only ours is passed on. */
  const ours = (headers: Headers): readonly string[] => headers.getSetCookie().filter((line) => line.startsWith(`${cookieName}=`));

  async function session(cookie: string): Promise<SignedIn | null> {
    const { response, headers } = await auth.api.getSession({ headers: withCookie(cookie), returnHeaders: true });
    if (!response) return null;
    const { user, session: found } = response;
    if (user.banned === true) return null;
    if (clock.now() - found.createdAt.getTime() > ABSOLUTE_MS) {
      await internalAdapter.deleteSession(found.token);
      return null;
    }
    const { id, name, role } = personOf(user);
    return { principal: { kind: "user", id, name, role, sessionId: found.id }, email: user.email, cookies: ours(headers) };
  }

  return {
    count: () => internalAdapter.countTotalUsers(),
    async signIn(email, plain, caller) {
      const headers = new Headers({ [ADDRESS_HEADER]: caller.address, "user-agent": caller.userAgent ?? "" });
      const answer = await auth.api.signInEmail({ body: { email, password: plain }, headers, asResponse: true });
      if (answer.status >= 500) throw new ApiError("store_unavailable");
      if (!answer.ok) return answer.status === 403 ? "banned" : "wrong";
      const cookies = ours(answer.headers);
      const value = /^[^=]+=([^;]*)/.exec(cookies[0] ?? "")?.[1];
      const signedIn = value === undefined ? null : await session(value);
      return signedIn ? { ...signedIn, cookies } : "wrong";
    },
    async signOut(cookie) {
      const answer = await auth.api.signOut({ headers: withCookie(cookie), asResponse: true });
      return ours(answer.headers);
    },
    session,
    sessionCookie(header) {
      for (const part of header?.split(";") ?? []) {
        const [name, ...value] = part.trim().split("=");
        if (name === cookieName && value.length > 0) return value.join("=");
      }
      return null;
    },
    async sessionLives(sessionId) {
      const row = await authDb.session.findUnique({ where: { id: sessionId }, include: { user: { select: { banned: true } } } });
      return row !== null && row.expiresAt.getTime() > clock.now() && row.user.banned !== true;
    },
    async sessionsOf(userId) {
      const rows = await internalAdapter.listSessions(userId, { onlyActiveSessions: true });
      return rows.map(sessionOf).sort((a, b) => b.lastSeenAt - a.lastSeenAt);
    },
    async findSession(id) {
      const row = await authDb.session.findUnique({ where: { id } });
      return row ? sessionOf(row) : null;
    },
    async endSession(id) {
      const row = await authDb.session.findUnique({ where: { id }, select: { token: true } });
      if (row) await internalAdapter.deleteSession(row.token);
    },
    async create({ name, email, password: plain, role }) {
      const address = email.toLowerCase();
      if (await internalAdapter.findUserByEmail(address)) return null;
      const now = new Date(clock.now());
      const id = randomUUID();
      const account = {
        id: randomUUID(),
        providerId: "credential",
        accountId: id,
        password: await password.hash(plain),
        createdAt: now,
        updatedAt: now,
      };
      try {
        // One write: a user without a password would be a person who can never sign in.
        const row = await authDb.user.create({
          data: {
            id,
            name,
            email: address,
            emailVerified: true,
            role,
            banned: false,
            createdAt: now,
            updatedAt: now,
            accounts: { create: account },
          },
        });
        return personOf(row);
      } catch (error) {
        // Another request was faster with the same email.
        if (await internalAdapter.findUserByEmail(address)) return null;
        throw error;
      }
    },
    async find(id) {
      const row = await authDb.user.findUnique({ where: { id } });
      return row ? personOf(row) : null;
    },
    async list({ cursor, limit }) {
      const rows = await authDb.user.findMany({
        orderBy: [{ createdAt: "asc" }, { id: "asc" }],
        take: limit + 1,
        ...(cursor === undefined ? {} : { cursor: { id: cursor }, skip: 1 }),
      });
      const items = rows.slice(0, limit).map(personOf);
      return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
    },
    countAdmins: () => authDb.user.count({ where: { role: "admin", OR: [{ banned: false }, { banned: null }] } }),
    async update(id, change) {
      const { role, banned, name } = change;
      const row = await internalAdapter.updateUser<UserRow>(id, {
        ...(role === undefined ? {} : { role }),
        ...(banned === undefined ? {} : { banned }),
        ...(name === undefined ? {} : { name }),
      });
      return personOf(row);
    },
  };
}

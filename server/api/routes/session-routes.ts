/** Signing in and out, who one is, sessions, and tickets for the live socket. */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import {
  meSchema,
  sessionPageSchema,
  setupRequestSchema,
  signInRequestSchema,
  ticketSchema,
  type Me,
  type SessionAnswer,
} from "../../../protocol/api.ts";
import type { PersonSession, SignedIn } from "../../auth/people.ts";
import { roleCovers, type Principal } from "../../auth/principal.ts";
import { ApiError } from "../../errors.ts";
import type { ApiDeps } from "../api-deps.ts";
import { accepts, answers, asker, callerOf, secured, type Api, type ApiEnv } from "../http.ts";
import { idParam } from "../query-schemas.ts";

const doneSchema = z.object({ ok: z.literal(true) });

const signIn = secured("public", {
  method: "post",
  path: "/api/v1/auth/sign-in",
  summary: "Sign in with email and password; sets the session cookie",
  request: accepts(signInRequestSchema),
  responses: { 200: answers("Who one is now", meSchema) },
});
const signOut = secured("viewer", {
  method: "post",
  path: "/api/v1/auth/sign-out",
  summary: "End this session",
  responses: { 200: answers("Done", doneSchema) },
});
const setup = secured("public", {
  method: "post",
  path: "/api/v1/auth/setup",
  summary: "Make the first administrator with the printed one-time link, and sign in",
  request: accepts(setupRequestSchema),
  responses: { 200: answers("Who one is now", meSchema) },
});
const me = secured("viewer", {
  method: "get",
  path: "/api/v1/me",
  summary: "Who is asking",
  responses: { 200: answers("Who one is", meSchema) },
});
const listSessions = secured("viewer", {
  method: "get",
  path: "/api/v1/sessions",
  summary: "One's own sessions; an administrator may name another user",
  request: { query: z.object({ user: z.string().max(64).optional() }) },
  responses: { 200: answers("All of them", sessionPageSchema) },
});
const endSession = secured("viewer", {
  method: "delete",
  path: "/api/v1/sessions/{id}",
  summary: "End a session; its sockets close within 5 s",
  request: { params: idParam },
  responses: { 200: answers("Done", doneSchema) },
});
const ticket = secured("viewer", {
  method: "post",
  path: "/api/v1/live-tickets",
  summary: "A one-use ticket for the live socket, good for 30 seconds",
  responses: { 201: answers("The ticket", ticketSchema) },
});

export function sessionRoutes(app: Api, { auth, fleet }: ApiDeps): void {
  const meOf = (principal: Principal, email: string | null): Me => ({
    name: principal.name,
    email,
    role: principal.role,
    kind: principal.kind,
    environments: [...new Set(["production", ...fleet.environments()])],
  });
  const setCookies = (c: Context<ApiEnv>, cookies: readonly string[]): void => {
    for (const cookie of cookies) c.header("set-cookie", cookie, { append: true });
  };
  const welcome = (c: Context<ApiEnv>, { principal, email, cookies }: SignedIn): Me => {
    setCookies(c, cookies);
    return meOf(principal, email);
  };
  const sessionAnswer = (session: PersonSession, principal: Principal): SessionAnswer => ({
    ...session,
    current: principal.kind === "user" && principal.sessionId === session.id,
  });

  app.openapi(signIn, async (c) => {
    const { email, password } = c.req.valid("json");
    return c.json(welcome(c, await auth.signIn(email, password, callerOf(c))), 200);
  });
  app.openapi(setup, async (c) => c.json(welcome(c, await auth.setUp(c.req.valid("json"), callerOf(c))), 200));
  app.openapi(signOut, async (c) => {
    setCookies(c, await auth.signOut(c.req.header("cookie"), asker(c).principal));
    return c.json({ ok: true as const }, 200);
  });
  app.openapi(me, (c) => c.json(meOf(asker(c).principal, asker(c).email), 200));
  app.openapi(listSessions, async (c) => {
    const { principal } = asker(c);
    const user = c.req.valid("query").user ?? (principal.kind === "user" ? principal.id : undefined);
    if (user !== undefined && user !== principal.id && !roleCovers(principal.role, "admin"))
      throw new ApiError("forbidden", { detail: "Only an administrator sees the sessions of others." });
    const sessions = user === undefined ? [] : await auth.people.sessionsOf(user);
    return c.json({ items: sessions.map((session) => sessionAnswer(session, principal)), nextCursor: null }, 200);
  });
  app.openapi(endSession, async (c) => {
    await auth.endSession(c.req.valid("param").id, asker(c).principal);
    return c.json({ ok: true as const }, 200);
  });
  app.openapi(ticket, (c) => c.json(auth.issueTicket(asker(c).principal), 201));
}

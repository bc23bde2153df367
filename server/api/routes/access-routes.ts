/** Tokens and users: for administrators. */
import {
  agentTokenRequestSchema,
  apiTokenRequestSchema,
  newTokenSchema,
  tokenPageSchema,
  tokenSchema,
  userChangeSchema,
  userPageSchema,
  userRequestSchema,
  userSchema,
} from "../../../protocol/api.ts";
import { tokenAnswer, userAnswer } from "../answers.ts";
import type { ApiDeps } from "../api-deps.ts";
import { accepts, answers, asker, secured, type Api } from "../http.ts";
import { idParam, pageQuery } from "../query-schemas.ts";

const listOf = <const P extends string>(path: P) =>
  secured("admin", {
    method: "get",
    path,
    summary: "Tokens, newest first",
    request: { query: pageQuery },
    responses: { 200: answers("One page", tokenPageSchema) },
  });
const revokeAt = <const P extends string>(path: P) =>
  secured("admin", {
    method: "delete",
    path,
    summary: "Revoke; open sockets close within 5 s",
    request: { params: idParam },
    responses: { 200: answers("The token, revoked", tokenSchema) },
  });

const createAgentToken = secured("admin", {
  method: "post",
  path: "/api/v1/agent-tokens",
  summary: "Make a token for agents; the secret is shown only here",
  request: accepts(agentTokenRequestSchema),
  responses: { 201: answers("The token", newTokenSchema) },
});
const createApiToken = secured("admin", {
  method: "post",
  path: "/api/v1/api-tokens",
  summary: "Make a token for scripts; the secret is shown only here",
  request: accepts(apiTokenRequestSchema),
  responses: { 201: answers("The token", newTokenSchema) },
});
const listUsers = secured("admin", {
  method: "get",
  path: "/api/v1/users",
  summary: "Users, oldest first",
  request: { query: pageQuery },
  responses: { 200: answers("One page", userPageSchema) },
});
const createUser = secured("admin", {
  method: "post",
  path: "/api/v1/users",
  summary: "Make a user",
  request: accepts(userRequestSchema),
  responses: { 201: answers("The user", userSchema) },
});
const updateUser = secured("admin", {
  method: "patch",
  path: "/api/v1/users/{id}",
  summary: "Change name, role or ban; a changed role or a ban ends the user's sessions",
  request: { params: idParam, ...accepts(userChangeSchema) },
  responses: { 200: answers("The user", userSchema) },
});

export function accessRoutes(app: Api, { auth }: ApiDeps): void {
  const { tokens, people } = auth;

  app.openapi(listOf("/api/v1/agent-tokens"), async (c) => {
    const { items, nextCursor } = await tokens.list("agent", c.req.valid("query"));
    return c.json({ items: items.map(tokenAnswer), nextCursor }, 200);
  });
  app.openapi(createAgentToken, async (c) => {
    const { record, token } = await tokens.create({ kind: "agent", role: null, ...c.req.valid("json") }, asker(c).principal);
    return c.json({ ...tokenAnswer(record), token }, 201);
  });
  app.openapi(revokeAt("/api/v1/agent-tokens/{id}"), async (c) =>
    c.json(tokenAnswer(await tokens.revoke("agent", c.req.valid("param").id, asker(c).principal)), 200),
  );

  app.openapi(listOf("/api/v1/api-tokens"), async (c) => {
    const { items, nextCursor } = await tokens.list("api", c.req.valid("query"));
    return c.json({ items: items.map(tokenAnswer), nextCursor }, 200);
  });
  app.openapi(createApiToken, async (c) => {
    const { record, token } = await tokens.create(
      { kind: "api", environment: null, services: [], ...c.req.valid("json") },
      asker(c).principal,
    );
    return c.json({ ...tokenAnswer(record), token }, 201);
  });
  app.openapi(revokeAt("/api/v1/api-tokens/{id}"), async (c) =>
    c.json(tokenAnswer(await tokens.revoke("api", c.req.valid("param").id, asker(c).principal)), 200),
  );

  app.openapi(listUsers, async (c) => {
    const { items, nextCursor } = await people.list(c.req.valid("query"));
    return c.json({ items: items.map(userAnswer), nextCursor }, 200);
  });
  app.openapi(createUser, async (c) => c.json(userAnswer(await auth.createUser(c.req.valid("json"), asker(c).principal)), 201));
  app.openapi(updateUser, async (c) =>
    c.json(userAnswer(await auth.updateUser(c.req.valid("param").id, c.req.valid("json"), asker(c).principal)), 200),
  );
}

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PASSWORD, startTestApi, type Json, type TestApi } from "../support/test-api.ts";

let api: TestApi;
beforeEach(async () => {
  api = await startTestApi();
});
afterEach(() => api.stop());

const signIn = (email: string, password = PASSWORD) => api.call("POST", "/api/v1/auth/sign-in", { body: { email, password } });
const me = (cookie: string) => api.call("GET", "/api/v1/me", { headers: { cookie } });
const write = (method: string, path: string, cookie: string, body?: unknown) =>
  api.call(method, path, { headers: { cookie, origin: api.url }, ...(body === undefined ? {} : { body }) });
const audited = async (action: string) => {
  await api.auth.audit.settled();
  return (await api.store.listAudit({ action, limit: 100 })).items;
};

describe("signing in", () => {
  it("gives a cookie that scripts on the page cannot read and other sites cannot send", async () => {
    await api.people.create({ name: "Ada", email: "Ada@Example.com", password: PASSWORD, role: "operator" });
    const answer = await signIn("ada@example.COM");
    expect(answer).toMatchObject({
      status: 200,
      json: { name: "Ada", email: "ada@example.com", role: "operator", kind: "user", environments: ["production"] },
    });
    const [line = "", ...others] = answer.headers.getSetCookie();
    expect(others).toEqual([]);
    expect(line).toMatch(/^holdfast=[^;]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/);
    expect((await me(line.split(";")[0] ?? "")).json.name).toBe("Ada");
  });

  it("over https binds the cookie to the host", async () => {
    const secure = await startTestApi({ publicUrl: "https://console.example.com" });
    await secure.people.create({ name: "Ada", email: "ada@example.com", password: PASSWORD, role: "viewer" });
    const answer = await secure.call("POST", "/api/v1/auth/sign-in", { body: { email: "ada@example.com", password: PASSWORD } });
    const [line = ""] = answer.headers.getSetCookie();
    expect(line).toMatch(/^__Host-holdfast=[^;]+; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    expect(answer.headers.get("strict-transport-security")).toContain("max-age");
    expect((await secure.call("GET", "/api/v1/me", { headers: { cookie: line.split(";")[0] ?? "" } })).status).toBe(200);
    await secure.stop();
  });

  it("says the same for a wrong password and for nobody, and notes both", async () => {
    await api.people.create({ name: "Ada", email: "ada@example.com", password: PASSWORD, role: "viewer" });
    const wrong = await signIn("ada@example.com", "not the password");
    const nobody = await signIn("eve@example.com");
    for (const answer of [wrong, nobody]) expect(answer).toMatchObject({ status: 401, json: { code: "credentials_invalid" } });
    expect(wrong.headers.getSetCookie()).toEqual([]);
    expect((await audited("auth.sign_in_failed")).map(({ target }) => target.thing).sort()).toEqual(["ada@example.com", "eve@example.com"]);
    expect(JSON.stringify(await audited("auth."))).not.toContain("not the password");
  });

  it("has a pause after ten failures of an account, and goes on after it", async () => {
    await api.people.create({ name: "Ada", email: "ada@example.com", password: PASSWORD, role: "viewer" });
    for (let i = 0; i < 10; i++) expect((await signIn("ada@example.com", "not the password")).status).toBe(401);
    const paused = await signIn("ada@example.com");
    expect(paused.json).toMatchObject({ status: 429, code: "rate_limited", retryable: true });
    expect(Number(paused.headers.get("retry-after"))).toBeGreaterThan(0);
    api.clock.advance(300_000);
    expect((await signIn("ada@example.com")).status).toBe(200);
  }, 30_000);

  it("does not count successes", async () => {
    await api.people.create({ name: "Ada", email: "ada@example.com", password: PASSWORD, role: "viewer" });
    for (let i = 0; i < 12; i++) expect((await signIn("ada@example.com")).status).toBe(200);
  }, 30_000);

  it("takes no forged cookie", async () => {
    const cookie = await api.signIn("viewer");
    const [name = "", value = ""] = cookie.split("=");
    for (const forged of [
      `${name}=${value.slice(0, 40)}`,
      `${name}=x.${value.split(".")[1] ?? ""}`,
      `${name}=`,
      `other=${value}`,
      `${name}=${value}x`,
    ])
      expect((await me(forged)).status, forged).toBe(401);
  });
});

describe("a session", () => {
  it("ends by signing out, and its sockets are told", async () => {
    const cookie = await api.signIn("viewer");
    expect((await me(cookie)).status).toBe(200);
    const out = await write("POST", "/api/v1/auth/sign-out", cookie);
    expect(out.headers.getSetCookie()[0]).toMatch(/^holdfast=; Max-Age=0/);
    expect((await me(cookie)).status).toBe(401);
    expect(api.messages.filter((message) => message.type === "session-ended")).toHaveLength(1);
  });

  it("is listed to its owner, who can end it from elsewhere", async () => {
    const phone = await api.signIn("viewer");
    const laptop = await api.signIn("viewer");
    const { items } = (await api.call("GET", "/api/v1/sessions", { headers: { cookie: laptop } })).json;
    expect(items).toHaveLength(2);
    expect(items.filter((session: Json) => session.current)).toHaveLength(1);
    expect(items[0]).toMatchObject({ address: "127.0.0.1" });
    expect(JSON.stringify(items)).not.toContain((/=([^.]+)/.exec(laptop) ?? [])[1]);
    const other = items.find((session: Json) => !session.current);
    const principal = (await api.auth.authenticate({ authorization: undefined, cookie: phone }))?.principal;
    expect(principal && (await api.auth.stillValid(principal))).toBe(true);
    expect((await write("DELETE", `/api/v1/sessions/${other.id}`, laptop)).status).toBe(200);
    expect((await me(phone)).status).toBe(401);
    expect((await me(laptop)).status).toBe(200);
    expect(principal && (await api.auth.stillValid(principal))).toBe(false);
    expect(api.messages).toContainEqual({ type: "session-ended", sessionId: other.id });
  });

  it("of somebody else is for administrators", async () => {
    const viewer = await api.signIn("viewer");
    const operator = await api.signIn("operator");
    const admin = await api.signIn("admin");
    const viewerId = (await api.people.list({ limit: 10 })).items.find((person) => person.role === "viewer")?.id ?? "";
    expect((await api.call("GET", `/api/v1/sessions?user=${viewerId}`, { headers: { cookie: operator } })).json.code).toBe("forbidden");
    const { items } = (await api.call("GET", `/api/v1/sessions?user=${viewerId}`, { headers: { cookie: admin } })).json;
    expect((await write("DELETE", `/api/v1/sessions/${items[0].id}`, operator)).json.code).toBe("session_unknown");
    expect((await me(viewer)).status).toBe(200);
    expect((await write("DELETE", `/api/v1/sessions/${items[0].id}`, admin)).status).toBe(200);
    expect((await me(viewer)).status).toBe(401);
  });

  it("is over after a week at the latest", async () => {
    const cookie = await api.signIn("viewer");
    api.clock.advance(7 * 86_400_000 - 3_600_000);
    expect((await me(cookie)).status).toBe(200);
    api.clock.advance(7_200_000);
    expect((await me(cookie)).status).toBe(401);
  });
});

describe("users", () => {
  it("are made, changed and closed by an administrator, and every step is noted", async () => {
    const admin = await api.signIn("admin");
    const made = await write("POST", "/api/v1/users", admin, { name: "Eve", email: "eve@example.com", password: PASSWORD, role: "viewer" });
    expect(made).toMatchObject({ status: 201, json: { name: "Eve", role: "viewer", banned: false } });
    expect(
      (await write("POST", "/api/v1/users", admin, { name: "Eve", email: "EVE@example.com", password: PASSWORD, role: "viewer" })).json
        .code,
    ).toBe("email_taken");
    expect(
      (await write("POST", "/api/v1/users", admin, { name: "Bob", email: "bob@example.com", password: "short", role: "viewer" })).json
        .errors[0].path,
    ).toBe("password");

    const eve = await api.signIn("viewer", "eve@example.com");
    expect((await write("PATCH", `/api/v1/users/${made.json.id}`, admin, { role: "operator" })).json.role).toBe("operator");
    // Rights are taken at sign-in, so the old session is over.
    expect((await me(eve)).status).toBe(401);
    const again = await api.signIn("operator", "eve@example.com");
    expect((await me(again)).json.role).toBe("operator");

    expect((await write("PATCH", `/api/v1/users/${made.json.id}`, admin, { banned: true })).json.banned).toBe(true);
    expect((await me(again)).status).toBe(401);
    expect((await signIn("eve@example.com")).json).toMatchObject({ status: 403, code: "account_banned" });
    expect((await write("PATCH", `/api/v1/users/${made.json.id}`, admin, { banned: false })).json.banned).toBe(false);
    expect((await signIn("eve@example.com")).status).toBe(200);

    expect((await write("PATCH", "/api/v1/users/nobody", admin, { banned: true })).json.code).toBe("user_unknown");
    expect((await write("PATCH", `/api/v1/users/${made.json.id}`, admin, {})).json.code).toBe("request_invalid");
    expect((await audited("user.")).map(({ action, actor }) => [action, actor.kind, actor.name])).toEqual([
      ["user.changed", "user", "Ada admin"],
      ["user.changed", "user", "Ada admin"],
      ["user.changed", "user", "Ada admin"],
      ["user.created", "user", "Ada admin"],
    ]);
  }, 30_000);

  it("always keep one administrator", async () => {
    const admin = await api.signIn("admin");
    const [{ id }] = (await api.call("GET", "/api/v1/users", { headers: { cookie: admin } })).json.items;
    for (const change of [{ role: "viewer" }, { banned: true }])
      expect((await write("PATCH", `/api/v1/users/${id}`, admin, change)).json).toMatchObject({ status: 409, code: "last_admin" });
    await api.signIn("admin", "second@example.com");
    expect((await write("PATCH", `/api/v1/users/${id}`, admin, { role: "viewer" })).status).toBe(200);
  });

  it("are listed in pages, each once", async () => {
    const admin = await api.token("admin");
    for (let i = 0; i < 5; i++) await api.people.create({ name: `P${i}`, email: `p${i}@example.com`, password: PASSWORD, role: "viewer" });
    const names: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { json }: { json: Json } = await api.call("GET", `/api/v1/users?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`, {
        as: admin,
      });
      names.push(...json.items.map((person: Json) => person.name));
      cursor = json.nextCursor;
    }
    expect(names.sort()).toEqual(["P0", "P1", "P2", "P3", "P4"]);
  });
});

describe("the set-up link", () => {
  const setup = (token: string, email = "ada@example.com") =>
    api.call("POST", "/api/v1/auth/setup", { body: { token, name: "Ada", email, password: PASSWORD } });

  it("makes one administrator, also when it is used twice at once", async () => {
    const token = (await api.auth.openSetup()) ?? "";
    const answers = await Promise.all([setup(token), setup(token, "eve@example.com")]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409]);
    expect(await api.people.count()).toBe(1);
    expect(await api.auth.openSetup()).toBeNull();
    expect(await audited("auth.set_up")).toMatchObject([{ actor: { name: "set-up link" }, after: { role: "admin" } }]);
  });

  it("is good for 15 minutes", async () => {
    const token = (await api.auth.openSetup()) ?? "";
    api.clock.advance(15 * 60_000);
    expect((await setup(token)).json).toMatchObject({ status: 401, code: "setup_link_invalid" });
    expect(await api.people.count()).toBe(0);
  });

  it("is void when a newer one was made, and cannot be guessed for long", async () => {
    const old = (await api.auth.openSetup()) ?? "";
    const token = (await api.auth.openSetup()) ?? "";
    expect((await setup(old)).json.code).toBe("setup_link_invalid");
    let last = await setup("hfs_guess");
    for (let i = 0; i < 40 && last.status === 401; i++) last = await setup("hfs_guess");
    expect(last.json.code).toBe("rate_limited");
    api.clock.advance(300_000);
    expect((await setup(token)).status).toBe(200);
  });
});

describe("a ticket for the live socket", () => {
  it("names who asked for it, once, for 30 seconds", async () => {
    const cookie = await api.signIn("viewer");
    const take = async () => (await write("POST", "/api/v1/live-tickets", cookie, {})).json;
    const first = await take();
    expect(first.expiresAt).toBe(api.clock.now() + 30_000);
    expect(await api.auth.redeemTicket(first.ticket)).toMatchObject({ kind: "user", name: "Ada viewer", role: "viewer" });
    expect(await api.auth.redeemTicket(first.ticket)).toBeNull();
    expect(await api.auth.redeemTicket("guess")).toBeNull();
    const late = await take();
    api.clock.advance(30_000);
    expect(await api.auth.redeemTicket(late.ticket)).toBeNull();
  });

  it("is void when the session ended meanwhile", async () => {
    const cookie = await api.signIn("viewer");
    const { ticket } = (await write("POST", "/api/v1/live-tickets", cookie, {})).json;
    await write("POST", "/api/v1/auth/sign-out", cookie);
    expect(await api.auth.redeemTicket(ticket)).toBeNull();
  });
});

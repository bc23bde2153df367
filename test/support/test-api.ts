/** The HTTP API on a real port with a real embedded database, real auth and a live fleet whose agents are moved by hand. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SeriesColumns } from "../../protocol/api.ts";
import type { PolicyDeclaration, SwitchDeclaration } from "../../protocol/agent-up.ts";
import { defaultsOf, fieldsOf, type PolicyName, type SettingsOf } from "../../protocol/settings.ts";
import { DEFAULT_RETENTION } from "../../core/tiers.ts";
import type { SeriesQuery } from "../../server/history/series-reader.ts";
import { createTiers } from "../../server/history/tiers.ts";
import { createApi } from "../../server/api/api.ts";
import { createHealth } from "../../server/api/health.ts";
import { createRequestListener, type PageHandler } from "../../server/api/request-listener.ts";
import { Auth } from "../../server/auth/auth.ts";
import { createBetterAuthPeople } from "../../server/auth/better-auth-people.ts";
import type { Principal, Role } from "../../server/auth/principal.ts";
import { loadSecret } from "../../server/auth/secret.ts";
import { createInProcessBus } from "../../server/bus/in-process-bus.ts";
import type { BusMessage } from "../../server/bus/bus.ts";
import { createLiveFleet } from "../../server/fleet/create-live-fleet.ts";
import type { FleetLink } from "../../server/fleet/live-fleet.ts";
import type { ProbeOutcome } from "../../server/gateway/push-probe.ts";
import { createIncidentService } from "../../server/incidents/incident-service.ts";
import { createLog } from "../../server/log.ts";
import { Metrics } from "../../server/metrics.ts";
import { createNotifier } from "../../server/notify/notifier.ts";
import { createPolicyService } from "../../server/policy/policy-service.ts";
import { createReplay } from "../../server/replay/replay.ts";
import { createStoryRecorder } from "../../server/replay/story-recorder.ts";
import type { HeldSamples } from "../../server/history/series-reader.ts";
import { openTestStore } from "./test-store.ts";
import type { Store } from "../../server/store/store.ts";
import { FakeClock } from "./fake-clock.ts";

export const BOOTSTRAP = "bootstrap-token-of-the-tests-0123456789";
export const PASSWORD = "correct horse battery staple";
const ADMIN: Principal = { kind: "bootstrap", id: "bootstrap", name: "bootstrap", role: "admin" };

export const RECOMMENDATIONS: SwitchDeclaration = {
  key: "recommendations",
  title: "Recommendations",
  whatUsersLose: "Personal picks",
  positions: ["personal", "popular", "off"],
  safeDefault: "popular",
  position: "personal",
};

/** A policy of the pipeline `payments`, as an agent declares it. */
export function declaredPolicy<P extends PolicyName>(
  policy: P,
  { values = {}, ...rest }: Partial<Omit<PolicyDeclaration, "values" | "policy">> & { values?: Partial<SettingsOf<P>> } = {},
): PolicyDeclaration {
  return {
    policy,
    name: "payments",
    values: { ...defaultsOf(fieldsOf(policy)), ...values },
    bounds: {},
    fixed: [],
    faults: false,
    ...rest,
  };
}

export interface TestApiOptions {
  readonly dataDir?: string;
  readonly clock?: FakeClock;
  readonly publicUrl?: string;
  readonly bootstrapToken?: string | undefined;
  readonly pages?: PageHandler;
  /** Hosts that notifications may go to. */
  readonly notifyHosts?: readonly string[];
  /** Samples in memory. */
  readonly held?: () => readonly HeldSamples[];
  /** Lets a test put faults in front of the store. */
  readonly wrapStore?: (store: Store) => Store;
}

/** What was parsed and not checked: tests say what they expect of it. */
export type Json = ReturnType<typeof JSON.parse>;

export type TestApi = Awaited<ReturnType<typeof startTestApi>>;

export async function startTestApi(options: TestApiOptions = {}) {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "holdfast-api-"));
  const log = createLog("silent");
  // The library beneath sign-in reads the machine's clock, so ours starts there.
  const clock = options.clock ?? new FakeClock(Date.now());
  const opened = await openTestStore(dataDir);
  const store = options.wrapStore?.(opened.store) ?? opened.store;
  const bus = createInProcessBus(log);
  const messages: BusMessage[] = [];
  bus.subscribe((message) => messages.push(message));
  const fleet = await createLiveFleet({ store, bus, clock, log });
  const recorder = await createStoryRecorder({ store, fleet, clock, log });
  const policy = await createPolicyService({ store, fleet, bus, clock, log, newId: randomUUID });
  const secret = loadSecret(dataDir);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const publicUrl = options.publicUrl ?? url;
  const people = await createBetterAuthPeople({ authDb: opened.authDb, provider: opened.provider, secret, publicUrl, clock, log });
  const bootstrapToken = "bootstrapToken" in options ? options.bootstrapToken : BOOTSTRAP;
  const auth = new Auth({ people, store, bus, clock, log, bootstrapToken });
  const metrics = new Metrics();
  const asked: SeriesQuery[] = [];
  const past = createTiers({ store, held: () => [], clock, log, retention: DEFAULT_RETENTION, holder: "test" });
  const history = {
    ...past.reader,
    ...past.report,
    columns: (query: SeriesQuery): Promise<SeriesColumns> => {
      asked.push(query);
      return Promise.resolve({ from: query.from, to: query.to, stepMs: query.stepMs, truncated: false, series: [] });
    },
  };
  const incidents = await createIncidentService({ store, fleet, policy, history, bus, clock, log, newId: randomUUID });
  const notifier = createNotifier({
    ...{ store, clock, log, secret, hosts: options.notifyHosts ?? [], publicUrl, holder: "test", chance: () => 1 },
    committed: (events) => bus.publish({ type: "events", environment: "production", events }),
  });
  const deps = {
    store,
    fleet,
    policy,
    history,
    incidents,
    notifications: notifier.desk,
    replay: createReplay({ store, held: options.held ?? (() => []), log }),
    path: {
      probe: (): Promise<ProbeOutcome> => Promise.resolve({ at: clock.now(), asked: 3, answers: [4, 2], silent: ["orders/orders-3"] }),
    },
    auth,
    metrics,
    clock,
    log,
    origins: () => new Set([publicUrl]),
    secret,
    boot: randomUUID(),
  };
  let ready = true;
  const health = createHealth({ store, auth, metrics, ready: () => ready });
  const api = createApi(deps);
  server.on(
    "request",
    createRequestListener({ api, health, pages: options.pages, auth, log, overHttps: publicUrl.startsWith("https"), dev: false }),
  );

  async function call(method: string, path: string, init: CallOptions = {}): Promise<Answer> {
    const headers: Record<string, string> = {
      ...(init.as ? { authorization: `Bearer ${init.as}` } : {}),
      ...(init.body === undefined ? {} : { "content-type": "application/json" }),
      ...init.headers,
    };
    const body = init.body === undefined ? {} : { body: typeof init.body === "string" ? init.body : JSON.stringify(init.body) };
    const response = await fetch(url + path, { method, headers, redirect: "manual", ...body });
    const text = await response.text();
    let json: Json = null;
    try {
      json = text === "" ? null : JSON.parse(text);
    } catch {
      // Not JSON: the test looks at the text.
    }
    return { status: response.status, headers: response.headers, text, json };
  }

  return {
    ...deps,
    people,
    notifier,
    recorder,
    bus,
    messages,
    asked,
    url,
    dataDir,
    call,
    setReady: (value: boolean) => (ready = value),
    /** An API token of a role. */
    token: async (role: Role) =>
      (await auth.tokens.create({ kind: "api", name: `a ${role}`, role, environment: null, services: [], expiresInSeconds: null }, ADMIN))
        .token,
    agentToken: async () =>
      (
        await auth.tokens.create(
          { kind: "agent", name: "shop", role: null, environment: "production", services: [], expiresInSeconds: null },
          ADMIN,
        )
      ).token,
    /** A person, and the cookie of a fresh session. */
    async signIn(role: Role, email = `${role}@example.com`) {
      if (!(await people.list({ limit: 500 })).items.some((person) => person.email === email))
        await people.create({ name: `Ada ${role}`, email, password: PASSWORD, role });
      const answer = await call("POST", "/api/v1/auth/sign-in", { body: { email, password: PASSWORD } });
      if (answer.status !== 200) throw new Error(answer.text);
      return (answer.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "";
    },
    /** Connects an instance that declares switches and policies. */
    join(
      service: string,
      instance: string,
      switches: readonly SwitchDeclaration[] = [RECOMMENDATIONS],
      policies: readonly PolicyDeclaration[] = [],
    ): FleetLink {
      const link = fleet.connect(
        { environment: "production", service, instance },
        { boot: "b1", version: "1.0.0", labels: {}, agentVersion: "0.1.0", runtime: "node", clockSkewMs: 0, policyRevision: 0 },
      );
      link.declared([{ id: 0, kind: "breaker", name: "payments" }], switches, policies);
      return link;
    },
    /** What an agent says after a push. */
    answer: (
      service: string,
      instance: string,
      revision: number,
      rejected: readonly { id: string; code: string; message: string }[] = [],
    ) => policy.answered({ environment: "production", service, instance }, { revision, at: clock.now(), appliedMs: 2, rejected }),
    async stop(keepData = false) {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      await notifier.stop();
      await past.runner.stop();
      await incidents.stop();
      await policy.stop();
      await auth.audit.settled();
      await recorder.stop();
      await fleet.stop();
      await opened.store.close();
      if (!keepData) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export interface CallOptions {
  /** Bearer token. */
  readonly as?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Json;
}

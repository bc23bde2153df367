/** The console killed without warning, again and again, under load. HOLDFAST_KILLS sets how often on each store (50 before a release). */
import { describe, expect, it } from "vitest";
import { startCountingAgent } from "../support/counting-agent.ts";
import { startPostgres } from "../support/postgres.ts";
import { startRealConsole, until } from "../support/real-console.ts";

const killsOr = (usual: number): number => Number(process.env["HOLDFAST_KILLS"] ?? usual);
const BOOTSTRAP = "endurance-bootstrap-token-of-more-than-32-characters";
const AGENTS = 4;

interface EventPage {
  readonly items: readonly { readonly data: { readonly seq: number } }[];
  readonly nextCursor: string | null;
}

describe("a console that is killed under load", () => {
  const embedded = killsOr(4);
  it(`loses no acknowledged event and doubles none over ${embedded} kills`, { timeout: embedded * 20_000 }, () =>
    killUnderLoad(embedded, {}),
  );

  const onServer = killsOr(2);
  it(`loses and doubles none in PostgreSQL either over ${onServer} kills`, { timeout: 40_000 + onServer * 20_000 }, async () => {
    const server = await startPostgres();
    try {
      await killUnderLoad(onServer, { DATABASE_URL: await server.createDatabase() });
    } finally {
      await server.stop();
    }
  });
});

async function killUnderLoad(kills: number, env: Readonly<Record<string, string>>): Promise<void> {
  const host = await startRealConsole({ env: { HOLDFAST_BOOTSTRAP_TOKEN: BOOTSTRAP, HOLDFAST_LOG_LEVEL: "error", ...env } });
  const { token } = await host.api<{ token: string }>("POST", "/agent-tokens", { token: BOOTSTRAP, body: { name: "endurance" } });
  const agents = Array.from({ length: AGENTS }, (_, i) =>
    startCountingAgent({ url: host.url, token, service: `counted-${i}`, boot: `boot-${i}` }),
  );
  try {
    for (let kill = 0; kill < kills; kill++) {
      const before = agents.map((agent) => agent.acknowledged());
      await until("every agent has new acknowledgements", () => agents.every((agent, i) => agent.acknowledged() > (before[i] ?? 0)));
      await host.kill("SIGKILL");
      await host.restart();
    }
    for (const agent of agents) agent.pause();
    await until("all that was sent is acknowledged", () => agents.every((agent) => agent.acknowledged() === agent.sent()), 60_000);
    for (const [i, agent] of agents.entries()) {
      const found: number[] = [];
      let cursor: string | null = "";
      while (cursor !== null) {
        const page: EventPage = await host.api(
          "GET",
          `/events?service=counted-${i}&kind=test.counted&limit=500&order=asc${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`,
          {
            token: BOOTSTRAP,
          },
        );
        found.push(...page.items.map((event) => event.data.seq));
        cursor = page.nextCursor;
      }
      expect(agent.sent()).toBeGreaterThan(kills);
      expect(found).toEqual(Array.from({ length: agent.sent() }, (_, seq) => seq + 1));
    }
  } finally {
    for (const agent of agents) agent.close();
    await host.dispose();
  }
}

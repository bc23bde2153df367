/** The console killed without warning, again and again, under load. HOLDFAST_KILLS sets how often (50 before a release). */
import { describe, expect, it } from "vitest";
import { startCountingAgent } from "../support/counting-agent.ts";
import { startRealConsole, until } from "../support/real-console.ts";

const KILLS = Number(process.env["HOLDFAST_KILLS"] ?? 10);
const BOOTSTRAP = "endurance-bootstrap-token-of-more-than-32-characters";
const AGENTS = 4;

interface EventPage {
  readonly items: readonly { readonly data: { readonly seq: number } }[];
  readonly nextCursor: string | null;
}

describe("a console that is killed under load", () => {
  it(`loses no acknowledged event and doubles none over ${KILLS} kills`, { timeout: KILLS * 20_000 }, async () => {
    const host = await startRealConsole({ env: { HOLDFAST_BOOTSTRAP_TOKEN: BOOTSTRAP, HOLDFAST_LOG_LEVEL: "error" } });
    const { token } = await host.api<{ token: string }>("POST", "/agent-tokens", { token: BOOTSTRAP, body: { name: "endurance" } });
    const agents = Array.from({ length: AGENTS }, (_, i) =>
      startCountingAgent({ url: host.url, token, service: `counted-${i}`, boot: `boot-${i}` }),
    );
    try {
      for (let kill = 0; kill < KILLS; kill++) {
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
        expect(agent.sent()).toBeGreaterThan(KILLS);
        expect(found).toEqual(Array.from({ length: agent.sent() }, (_, seq) => seq + 1));
      }
    } finally {
      for (const agent of agents) agent.close();
      await host.dispose();
    }
  });
});

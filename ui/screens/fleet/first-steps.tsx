import Link from "next/link";
import { Empty } from "../../components/empty.tsx";

/** What an empty fleet says: the lines that connect the first service. */
export function FirstSteps({ origin }: { origin: string }) {
  return (
    <Empty title="No agent has connected yet">
      <p>Three steps, and the first service appears here within a second of its start.</p>
      <ol className="fl-steps">
        <li>
          <b>Make a token</b> on the <Link href="/agents">Agents page</Link>. It is shown once.
        </li>
        <li>
          <b>Add the agent</b> to a service: <code>npm install @holdfast/agent</code>
        </li>
        <li>
          <b>Start the service</b> with these lines:
          <pre className="hf-code" tabIndex={0}>{`import { createAgent } from "@holdfast/agent";

const agent = createAgent({
  url: "${origin}",
  token: process.env.HOLDFAST_TOKEN,
  service: "orders",
});

// opossum, pg, undici, generic-pool, p-queue
agent.observe(paymentsBreaker, "payments");`}</pre>
        </li>
      </ol>
    </Empty>
  );
}

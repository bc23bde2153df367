/** A host cloned with its identity. Says each new state of its link, and lives until its input ends. */
import { createAgent } from "../../../../agent/src/index.ts";

const [url = "", token = ""] = process.argv.slice(2);
const agent = createAgent({ url, token, service: "orders", instance: "orders-1", log: () => undefined });
let told = "";
setInterval(() => {
  const { state, problem } = agent.status;
  const now = `${state} ${problem ?? ""}\n`;
  if (now !== told) process.stdout.write(now);
  told = now;
}, 5).unref();
process.stdin.resume();

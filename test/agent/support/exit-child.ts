/** A host that starts an agent, uses every part of it, and then has nothing left to do. */
import { createServer } from "node:http";
import { createAgent } from "../../../agent/src/index.ts";

const [url = "", wanted = ""] = process.argv.slice(2);
const agent = createAgent({ url, token: "hfa_test", service: "child", policyFile: process.env["POLICY_FILE"], log: () => undefined });
agent.observe(createServer(), "http");
agent.resource("gauge", "one", () => ({ value: 1 }));
agent.switch({ key: "prices", title: "Prices", whatUsersLose: "Prices" });
agent.event("note", { text: "hello" });
const polling = setInterval(() => {
  if (agent.status.state !== wanted) return;
  clearInterval(polling);
  process.stdout.write("idle\n");
  if (process.env["CLOSE"] === "1") void agent.close().then(() => process.stdout.write("closed\n"));
}, 5);

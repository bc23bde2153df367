/** The exact code that connects an agent, with the token in it. */
export function snippet({ url, token, service }: { readonly url: string; readonly token: string; readonly service: string }): string {
  return `import { createAgent } from "@holdfast/agent";

const agent = createAgent({
  url: ${JSON.stringify(url)},
  token: ${JSON.stringify(token)},
  service: ${JSON.stringify(service)},
});

agent.observe(breaker, "payments");
agent.observe(pool, "orders-db");`;
}

/** Services out of a line of text: comma or space between, each once. */
export function servicesOf(text: string): readonly string[] {
  return [...new Set(text.split(/[,\s]+/).filter((part) => part !== ""))];
}

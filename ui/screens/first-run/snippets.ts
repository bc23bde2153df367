/** The exact lines that connect a first service. Pure. */

export const SNIPPETS = ["service", "express", "fastify", "opossum"] as const;
export type SnippetName = (typeof SNIPPETS)[number];
export const SNIPPET_WORDS: Readonly<Record<SnippetName, string>> = {
  service: "Node",
  express: "Express",
  fastify: "Fastify",
  opossum: "opossum",
};

/** Where the token stands: in the code, to see it work, or in the environment, as it should stay. */
export const TOKEN_PLACES = ["code", "environment"] as const;
export type TokenPlace = (typeof TOKEN_PLACES)[number];

export interface SnippetOptions {
  readonly name: SnippetName;
  readonly url: string;
  readonly token: string;
  readonly place: TokenPlace;
}

export interface Snippet {
  readonly install: string;
  /** A whole program, an ES module. */
  readonly code: string;
  readonly start: string;
}

export const FILE = "service.mjs";

const IMPORTS: Readonly<Record<SnippetName, string>> = {
  service: 'import { createServer } from "node:http";\n',
  express: 'import express from "express";\n',
  fastify: 'import fastify from "fastify";\n',
  opossum: 'import CircuitBreaker from "opossum";\n',
};

const BODIES: Readonly<Record<SnippetName, string>> = {
  service: `const server = createServer((request, response) => response.end("hello"));
agent.observe(server, "http");
server.listen(3000);`,
  express: `const app = express();
app.get("/", (request, response) => response.send("hello"));
agent.observe(app.listen(3000), "http");`,
  fastify: `const app = fastify();
app.get("/", () => "hello");
agent.observe(app.server, "http");
await app.listen({ port: 3000 });`,
  opossum: `const payments = new CircuitBreaker(() => fetch("http://127.0.0.1:3000"));
agent.observe(payments, "payments", { target: "payments", control: true });
setInterval(() => payments.fire().catch(() => undefined), 1000);`,
};

export function snippetOf({ name, url, token, place }: SnippetOptions): Snippet {
  const inCode = place === "code";
  const where = inCode ? JSON.stringify(url) : "process.env.HOLDFAST_URL";
  const key = inCode ? JSON.stringify(token) : "process.env.HOLDFAST_TOKEN";
  const needs = name === "service" ? "" : ` ${name}`;
  return {
    install: `npm install @holdfast/agent${needs}`,
    code: `import { createAgent } from "@holdfast/agent";
${IMPORTS[name]}
const agent = createAgent({
  url: ${where},
  token: ${key},
  service: "orders",
});

${BODIES[name]}
`,
    start: inCode ? `node ${FILE}` : `HOLDFAST_URL=${quoted(url)} HOLDFAST_TOKEN=${quoted(token)} node ${FILE}`,
  };
}

/** For a shell. What needs no quotes has none. */
const quoted = (text: string): string => (/^[\w:/.[\]-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);

/** The doors of the house (docs/architecture.md). Everything not listed is forbidden. */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: "error",
  from: { path: from },
  to: { pathNot: [from, ...allowed] },
});
const builtin =
  "^(node:)?(assert|async_hooks|buffer|child_process|cluster|console|crypto|dgram|diagnostics_channel|dns|events|fs|http|http2|https|module|net|os|path|perf_hooks|process|readline|stream|string_decoder|timers|tls|tty|url|util|v8|vm|worker_threads|zlib)(/|$)";
const pkg = (names) => `node_modules/(${names})/`;

module.exports = {
  forbidden: [
    {
      name: "no-circular",
      comment: "A cycle means two things that are one, or one thing in the wrong place.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    only("protocol-imports-nothing", "^protocol/", [pkg("zod")], "The wire knows neither Node nor a browser."),
    only("core-only-protocol", "^core/", ["^protocol/"], "Decisions are pure: no I/O, no packages."),
    only(
      "agent-only-protocol",
      "^agent/src/",
      ["^protocol/", builtin, pkg("ws|@types/ws|@types/node")],
      "The agent lives in somebody else's process.",
    ),
    only(
      "server-doors",
      "^server/",
      ["^protocol/", "^core/", builtin, "node_modules/"],
      "The server never reaches into the browser's rooms or the agent.",
    ),
    only("ui-doors", "^ui/", ["^protocol/", "^core/", "node_modules/"], "Browser code never imports server, agent or Node."),
    only("app-only-ui", "^app/", ["^ui/", "node_modules/"], "Pages are thin: everything they show lives in ui."),
    only(
      "demo-only-agent",
      "^demo/",
      ["^agent/(src|dist)/index", builtin, "node_modules/"],
      "The shop uses what a customer has: the published package.",
    ),
    {
      name: "browser-no-node",
      comment: "Node built-ins do not exist in a browser.",
      severity: "error",
      from: { path: "^(ui|app)/" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "ui-api-types-only",
      comment: "The API's schemas would bring the whole validator into the browser.",
      severity: "error",
      from: { path: "^ui/" },
      to: { path: "^protocol/(policy-)?api\\.ts$", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "ws-in-its-rooms",
      comment: "One file of the agent and the gateway speak WebSocket.",
      severity: "error",
      from: { path: "^(agent/src|server)/", pathNot: "^(agent/src/link/ws-socket\\.ts|server/gateway/)" },
      to: { path: pkg("ws|@types/ws") },
    },
    {
      name: "prisma-in-adapters",
      comment: "Only store adapters and the auth library's adapter know Prisma.",
      severity: "error",
      from: { path: "^server/", pathNot: "^server/(store|auth)/" },
      to: { path: [pkg("@prisma|@libsql|pg"), "^server/store/generated/"] },
    },
    {
      name: "next-only-in-main",
      comment: "Next renders, the server decides.",
      severity: "error",
      from: { path: "^server/", pathNot: "^server/main\\.ts$" },
      to: { path: pkg("next") },
    },
    {
      name: "nobody-imports-tests",
      comment: "Fakes and benchmarks are not part of the product.",
      severity: "error",
      from: { pathNot: "^(test|bench)/" },
      to: { path: "^(test|bench)/" },
    },
  ],
  options: {
    doNotFollow: { path: ["node_modules", "generated"] },
    exclude: { path: ["^agent/dist", "^dist", "\\.next"] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".js", ".mjs", ".d.ts"],
    },
  },
};

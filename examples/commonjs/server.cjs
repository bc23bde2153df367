const { createServer } = require("node:http");
const { createAgent } = require("@holdfast/agent");

const agent = createAgent({ url: process.env.HOLDFAST_URL, token: process.env.HOLDFAST_TOKEN, service: "commonjs-example" });
const picks = agent.switch({ key: "picks", title: "Personal picks", whatUsersLose: "Picks made for them; they see what is popular." });

const server = createServer((request, response) => {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ items: picks.is("on") ? "picked for you" : "popular" }));
});

server.listen(process.env.PORT ?? 3000);
agent.observe(server, "http");

import { createAgent } from "@holdfast/agent";
import fastify from "fastify";

const agent = createAgent({ url: process.env.HOLDFAST_URL, token: process.env.HOLDFAST_TOKEN, service: "fastify-example" });
const picks = agent.switch({ key: "picks", title: "Personal picks", whatUsersLose: "Picks made for them; they see what is popular." });

const app = fastify();
app.get("/items", () => ({ items: picks.is("on") ? "picked for you" : "popular" }));
app.addHook("onClose", () => agent.close());

agent.observe(app.server, "http");
await app.listen({ port: Number(process.env.PORT ?? 3000) });

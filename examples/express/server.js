import { createAgent } from "@holdfast/agent";
import express from "express";

const agent = createAgent({ url: process.env.HOLDFAST_URL, token: process.env.HOLDFAST_TOKEN, service: "express-example" });
const picks = agent.switch({ key: "picks", title: "Personal picks", whatUsersLose: "Picks made for them; they see what is popular." });

const app = express();
app.get("/items", (request, response) => {
  response.json({ items: picks.is("on") ? "picked for you" : "popular" });
});

const server = app.listen(process.env.PORT ?? 3000);
agent.observe(server, "http");

import "reflect-metadata";
import { createAgent } from "@holdfast/agent";
import { Controller, Get, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";

const agent = createAgent({ url: process.env.HOLDFAST_URL, token: process.env.HOLDFAST_TOKEN, service: "nestjs-example" });
const picks = agent.switch({ key: "picks", title: "Personal picks", whatUsersLose: "Picks made for them; they see what is popular." });

class Items {
  list() {
    return { items: picks.is("on") ? "picked for you" : "popular" };
  }
}
class Shop {}

// In TypeScript: @Controller("items"), @Get() and @Module({ controllers: [Items] }).
Get()(Items.prototype, "list", Object.getOwnPropertyDescriptor(Items.prototype, "list"));
Controller("items")(Items);
Module({ controllers: [Items] })(Shop);

const app = await NestFactory.create(Shop, { logger: ["warn", "error"] });
agent.observe(app.getHttpServer(), "http");
await app.listen(process.env.PORT ?? 3000);

import { picks } from "../../agent.js";

export const dynamic = "force-dynamic";

export function GET() {
  return Response.json({ items: picks.is("on") ? "picked for you" : "popular" });
}

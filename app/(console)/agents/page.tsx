import type { Metadata } from "next";
import { AgentsScreen } from "../../../ui/screens/agents/agents-screen.tsx";

export const metadata: Metadata = { title: "Agents" };

export default function AgentsPage() {
  return <AgentsScreen />;
}

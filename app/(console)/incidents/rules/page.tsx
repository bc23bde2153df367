import type { Metadata } from "next";
import { RulesScreen } from "../../../../ui/screens/incidents/rules-screen.tsx";

export const metadata: Metadata = { title: "Rules of incidents" };

export default function RulesPage() {
  return <RulesScreen />;
}

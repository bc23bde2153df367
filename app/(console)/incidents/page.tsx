import type { Metadata } from "next";
import { IncidentsScreen } from "../../../ui/screens/incidents/incidents-screen.tsx";

export const metadata: Metadata = { title: "Incidents" };

export default function IncidentsPage() {
  return <IncidentsScreen />;
}

import type { Metadata } from "next";
import { FleetScreen } from "../../ui/screens/fleet/fleet-screen.tsx";

export const metadata: Metadata = { title: "Fleet" };

export default function FleetPage() {
  return <FleetScreen />;
}

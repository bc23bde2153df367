import type { Metadata } from "next";
import { HealthScreen } from "../../../../ui/screens/settings/health-screen.tsx";

export const metadata: Metadata = { title: "Our own health" };

export default function HealthPage() {
  return <HealthScreen />;
}

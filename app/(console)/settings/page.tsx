import type { Metadata } from "next";
import { AppearanceScreen } from "../../../ui/screens/settings/appearance-screen.tsx";

export const metadata: Metadata = { title: "Settings" };

export default function AppearancePage() {
  return <AppearanceScreen />;
}

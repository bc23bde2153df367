import type { Metadata } from "next";
import { RetentionScreen } from "../../../../ui/screens/settings/retention-screen.tsx";

export const metadata: Metadata = { title: "Retention" };

export default function RetentionPage() {
  return <RetentionScreen />;
}

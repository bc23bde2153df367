import type { Metadata } from "next";
import { ViewsScreen } from "../../../../ui/screens/settings/views-screen.tsx";

export const metadata: Metadata = { title: "Saved views" };

export default function ViewsPage() {
  return <ViewsScreen />;
}

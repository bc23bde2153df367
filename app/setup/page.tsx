import type { Metadata } from "next";
import { SetupScreen } from "../../ui/screens/sign-in/setup-screen.tsx";

export const metadata: Metadata = { title: "Set up" };

export default function SetupPage() {
  return <SetupScreen />;
}

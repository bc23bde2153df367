import type { Metadata } from "next";
import { SwitchboardScreen } from "../../../ui/screens/switchboard/switchboard-screen.tsx";

export const metadata: Metadata = { title: "Switchboard" };

export default function SwitchboardPage() {
  return <SwitchboardScreen />;
}

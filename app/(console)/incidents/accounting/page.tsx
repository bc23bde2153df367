import type { Metadata } from "next";
import { AccountingScreen } from "../../../../ui/screens/incidents/accounting-screen.tsx";

export const metadata: Metadata = { title: "Accounting" };

export default function AccountingPage() {
  return <AccountingScreen />;
}

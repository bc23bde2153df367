import type { Metadata } from "next";
import { AuditScreen } from "../../../ui/screens/audit/audit-screen.tsx";

export const metadata: Metadata = { title: "Audit" };

export default function AuditPage() {
  return <AuditScreen />;
}

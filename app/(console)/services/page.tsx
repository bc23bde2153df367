import type { Metadata } from "next";
import { ServicesScreen } from "../../../ui/screens/services/services-screen.tsx";

export const metadata: Metadata = { title: "Services" };

export default function ServicesPage() {
  return <ServicesScreen />;
}

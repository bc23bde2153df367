import type { Metadata } from "next";
import { IncidentScreen } from "../../../../ui/screens/incidents/incident-screen.tsx";

interface Props {
  readonly params: Promise<{ number: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Incident ${decodeURIComponent((await params).number)}` };
}

export default async function IncidentPage({ params }: Props) {
  return <IncidentScreen reference={decodeURIComponent((await params).number)} />;
}

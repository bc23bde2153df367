import type { Metadata } from "next";
import { ServiceScreen } from "../../../../ui/screens/service/service-screen.tsx";

interface Props {
  readonly params: Promise<{ service: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: decodeURIComponent((await params).service) };
}

export default async function ServicePage({ params }: Props) {
  return <ServiceScreen service={decodeURIComponent((await params).service)} />;
}

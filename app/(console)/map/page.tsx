import type { Metadata } from "next";
import { MapScreen } from "../../../ui/screens/map/map-screen.tsx";

export const metadata: Metadata = { title: "Map" };

export default function MapPage() {
  return <MapScreen />;
}

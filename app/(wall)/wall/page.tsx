import type { Metadata } from "next";
import { WallScreen } from "../../../ui/screens/wall/wall-screen.tsx";

export const metadata: Metadata = { title: "Wall" };

export default function WallPage() {
  return <WallScreen />;
}

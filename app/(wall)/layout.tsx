import type { ReactNode } from "react";
import { WallFrame } from "../../ui/screens/wall/wall-frame.tsx";

export default function WallLayout({ children }: { children: ReactNode }) {
  return <WallFrame>{children}</WallFrame>;
}

"use client";
import { createContext, useContext } from "react";

export type Overlay = "palette" | "help" | "save-view";

/** What the frame can do from anywhere. */
export interface Tools {
  readonly open: (overlay: Overlay) => void;
  /** By its name: `pause`, `copy-link`, `theme dark`, or that of an overlay. An unknown name does nothing. */
  readonly act: (name: string, argument?: string) => void;
}

export const ToolsContext = createContext<Tools | null>(null);

export function useTools(): Tools {
  const tools = useContext(ToolsContext);
  if (!tools) throw new Error("no frame above this component");
  return tools;
}

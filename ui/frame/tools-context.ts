"use client";
import { createContext, useContext } from "react";

export type Overlay = "palette" | "help" | "save-view" | "what-changed" | "as-it-was";

/** What the frame can do from anywhere. */
export interface Tools {
  readonly open: (overlay: Overlay) => void;
  /**
   * By its name: `pause`, `live`, `copy-link`, `theme dark`, `replay` with ms ago, `what-changed` with a moment in ms, or that of an
   * overlay. An unknown name does nothing.
   */
  readonly act: (name: string, argument?: string) => void;
}

export const ToolsContext = createContext<Tools | null>(null);

export function useTools(): Tools {
  const tools = useContext(ToolsContext);
  if (!tools) throw new Error("no frame above this component");
  return tools;
}

"use client";

import { useState } from "react";
import { Button } from "../../components/button.tsx";

/** Copies a text and says so in place. */
export function CopyButton({ text, children }: { readonly text: string; readonly children: string }) {
  const [outcome, setOutcome] = useState<"copied" | "refused" | null>(null);
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome("copied");
    } catch {
      setOutcome("refused");
    }
  }
  return (
    <>
      <Button onClick={() => void copy()} onBlur={() => setOutcome(null)}>
        {outcome === "copied" ? "Copied" : outcome === "refused" ? "The browser refused; select it by hand" : children}
      </Button>
      <span className="hf-unseen" role="status">
        {outcome === "copied" ? "Copied" : ""}
      </span>
    </>
  );
}

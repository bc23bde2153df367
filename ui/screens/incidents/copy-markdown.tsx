"use client";
import { useMutation } from "@tanstack/react-query";
import { getText } from "../../api/client.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";

/** Copies the write-up as Markdown, and says so in place. */
export function CopyMarkdown({ id }: { readonly id: string }) {
  const copy = useMutation({
    mutationFn: async () => {
      const text = await getText(`/incidents/${encodeURIComponent(id)}/write-up?format=markdown`, "text/markdown");
      if (!("clipboard" in navigator)) throw new Error("The browser does not let this page copy. Take the file instead.");
      await navigator.clipboard.writeText(text);
    },
  });
  return (
    <>
      <Button disabled={copy.isPending} onClick={() => copy.mutate()} onBlur={() => (copy.isSuccess ? copy.reset() : undefined)}>
        {copy.isSuccess ? "Copied" : "Copy"}
      </Button>
      <span className="hf-unseen" role="status">
        {copy.isSuccess ? "Copied" : ""}
      </span>
      <ErrorNote error={copy.error} />
    </>
  );
}

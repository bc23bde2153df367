"use client";
import { Button } from "../../components/button.tsx";
import { CopyButton } from "../switchboard/copy-button.tsx";

/** A signing secret, the only time it is shown. */
export function SecretOnce({ secret, onClose }: { readonly secret: string; readonly onClose: () => void }) {
  return (
    <div className="no-secret" role="group" aria-label="Signing secret">
      <p>
        <b>The signing secret: copy it now, it is not shown again.</b> The receiver checks <code>holdfast-signature</code> with it.
      </p>
      <pre className="hf-code" tabIndex={0}>
        {secret}
      </pre>
      <div className="st-actions">
        <CopyButton text={secret}>Copy the secret</CopyButton>
        <Button tone="quiet" onClick={onClose}>
          I have it
        </Button>
      </div>
    </div>
  );
}

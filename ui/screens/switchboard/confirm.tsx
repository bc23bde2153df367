"use client";

import { useState, type ReactNode } from "react";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { HoldButton } from "../../components/hold-button.tsx";

export interface ConfirmProps {
  /** What will happen, in full: it stands on the button. */
  readonly children: ReactNode;
  /** Typed instead of held, by those who cannot hold or do not want to. */
  readonly word: string;
  readonly refusal: string | undefined;
  readonly busy: boolean;
  readonly onConfirm: () => void;
}

/** Deliberate by hand: held, or typed. Never one click, never one key. */
export function Confirm({ children, word, refusal, busy, onConfirm }: ConfirmProps) {
  const [typing, setTyping] = useState(false);
  const [typed, setTyped] = useState("");
  const reason = busy ? "Sending…" : refusal;
  if (!typing) {
    return (
      <div className="sw-confirm">
        <HoldButton refusal={reason} onHeld={onConfirm}>
          {children}
        </HoldButton>
        <button type="button" className="sw-link sw-push" onClick={() => setTyping(true)}>
          or type <code>{word}</code>
        </button>
      </div>
    );
  }
  return (
    <form
      className="sw-confirm"
      onSubmit={(event) => {
        event.preventDefault();
        if (typed === word && reason === undefined) onConfirm();
      }}
    >
      <Field
        label={`Type ${word} to confirm`}
        value={typed}
        autoFocus
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        onChange={(event) => setTyped(event.target.value)}
        hint={reason}
      />
      <div className="sw-actions">
        <Button type="submit" tone="primary" refusal={reason ?? (typed === word ? undefined : `Type ${word} first.`)}>
          {children}
        </Button>
        <Button tone="quiet" onClick={() => setTyping(false)}>
          Back to the button
        </Button>
      </div>
    </form>
  );
}

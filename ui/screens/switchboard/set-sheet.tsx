"use client";

import { useState, type ReactNode } from "react";
import { Sheet } from "../../components/sheet.tsx";
import type { Draft } from "./draft.ts";
import { MadeSet } from "./made-set.tsx";
import { SetEditor } from "./set-editor.tsx";

export interface SetSheetProps {
  readonly title: string;
  readonly description: string;
  readonly draft: Draft;
  readonly environment: string;
  readonly onClose: () => void;
  readonly onMade?: () => void;
  /** What this person chose of the draft: what follows from another choice needs no second look. */
  readonly choice?: string;
  /** Stands above the changes: what users lose. */
  readonly children?: ReactNode;
}

/** A set of changes in the sheet: to be looked at and made, then its receipts. */
export function SetSheet({ title, description, draft, environment, onClose, onMade, choice, children }: SetSheetProps) {
  const [made, setMade] = useState<string | null>(null);
  return (
    <Sheet open onClose={onClose} title={title} description={description}>
      {made === null ? (
        <>
          {children}
          <SetEditor
            draft={draft}
            choice={choice}
            environment={environment}
            onMade={(set) => {
              setMade(set.id);
              onMade?.();
            }}
          />
        </>
      ) : (
        <MadeSet id={made} onClose={onClose} />
      )}
    </Sheet>
  );
}

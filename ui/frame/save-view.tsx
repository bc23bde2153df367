"use client";
import { useState } from "react";
import { Button } from "../components/button.tsx";
import { Field } from "../components/field.tsx";
import { Sheet } from "../components/sheet.tsx";
import { viewOf, withParam, ENVIRONMENT_PARAM } from "./links.ts";
import { useEnvironment } from "./environment.tsx";
import { VIEW_NAME_MOST, VIEWS_MOST } from "./saved-views.ts";
import { useSavedViews } from "./use-saved-views.ts";

/** Gives this page, with its filters, a name to find it by. */
export function SaveView({ onClose, onSaved }: { readonly onClose: () => void; readonly onSaved: (name: string) => void }) {
  const { environment } = useEnvironment();
  const { views, save } = useSavedViews();
  const [name, setName] = useState("");
  const [failed, setFailed] = useState(false);
  const [href] = useState(() => viewOf(withParam(window.location.href, ENVIRONMENT_PARAM, environment)));
  const replaces = views.some((view) => view.name === name.trim());
  return (
    <Sheet
      open
      onClose={onClose}
      title="Save this view"
      description="The page with its filters, for you, in this browser. Nobody else sees it."
    >
      <form
        className="fr-save"
        onSubmit={(event) => {
          event.preventDefault();
          if (!save({ name, href })) {
            setFailed(true);
            return;
          }
          onSaved(name.trim());
          onClose();
        }}
      >
        <Field
          label="Name"
          hint={replaces ? "You have a view of this name; it is replaced." : <code>{href}</code>}
          error={failed ? `It could not be kept: there are ${VIEWS_MOST} already, or this browser keeps nothing.` : undefined}
          value={name}
          required
          autoFocus
          autoComplete="off"
          maxLength={VIEW_NAME_MOST}
          onChange={(event) => setName(event.target.value)}
        />
        <Button type="submit" tone="primary" disabled={name.trim() === ""}>
          {replaces ? "Replace" : "Save"}
        </Button>
      </form>
    </Sheet>
  );
}

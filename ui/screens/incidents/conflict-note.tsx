"use client";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { ChangedMeanwhile, type useChange } from "./use-incident-acts.ts";

/** Nothing while all is well. Somebody else's change is told with both values, and the person decides. */
export function ConflictNote({ change, onDone }: { readonly change: ReturnType<typeof useChange>; readonly onDone?: () => void }) {
  const { error } = change;
  if (!(error instanceof ChangedMeanwhile)) return <ErrorNote error={error} />;
  return (
    <div className="in-conflict" role="alert">
      <strong>Somebody else changed it while you were at it. Nothing of yours is written yet.</strong>
      <dl>
        {error.differences.map(({ field, seen, theirs, mine }) => (
          <div key={field}>
            <dt>{field}</dt>
            <dd>
              <span className="in-note">you saw</span> {seen}
            </dd>
            <dd>
              <span className="in-note">it is now</span> <b>{theirs}</b>
            </dd>
            <dd>
              <span className="in-note">yours is</span> <b>{mine}</b>
            </dd>
          </div>
        ))}
      </dl>
      <div className="in-actions">
        <Button
          onClick={() => {
            change.reset();
            onDone?.();
          }}
        >
          Keep theirs
        </Button>
        <Button
          tone="primary"
          onClick={() => change.mutate({ wish: error.wish, seen: error.current }, onDone ? { onSuccess: onDone } : {})}
        >
          Write mine over it
        </Button>
      </div>
    </div>
  );
}

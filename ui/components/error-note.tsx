import { ProblemError } from "../api/client.ts";

/** What went wrong, what it means and what to do, in the problem's own words. */
export function ErrorNote({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null;
  const problem = error instanceof ProblemError ? error.problem : null;
  return (
    <div className="hf-error" role="alert">
      <strong>{problem?.title ?? "Something failed in this page"}</strong>
      <p>
        {problem?.detail ?? (error instanceof Error ? error.message : "Reload the page. If it fails again, the console's log says more.")}
      </p>
      {problem?.errors?.map((entry) => (
        <p key={`${entry.path} ${entry.message}`}>
          <code>{entry.path}</code> {entry.message}
        </p>
      ))}
      {problem !== null && problem.requestId !== "" ? <p className="hf-hint">Request {problem.requestId}</p> : null}
    </div>
  );
}

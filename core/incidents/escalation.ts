/** Whether an event of the log says that an incident got worse. */
import type { LoggedEvent } from "../../protocol/live.ts";

/** The words in which the log tells of another severity; 1 is the worst. */
const SEVERITY_WORDS = /^severity (\d) to (\d)$/;

/** The severity it has now, if it got worse. */
export function escalatedTo({ type, data }: Pick<LoggedEvent, "type" | "data">): number | null {
  if (type !== "incident.changed") return null;
  const [, from, to] = SEVERITY_WORDS.exec(String(data["what"])) ?? [];
  return Number(to) < Number(from) ? Number(to) : null;
}

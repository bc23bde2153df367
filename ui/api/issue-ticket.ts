import { SignedOut } from "../live/live-client.ts";
import { post, ProblemError } from "./client.ts";

/** A one-use ticket for the live socket. @throws SignedOut when the session is over. */
export async function issueTicket(): Promise<string> {
  try {
    return (await post<{ ticket: string }>("/live-tickets", {})).ticket;
  } catch (error) {
    if (error instanceof ProblemError && error.problem.status === 401) throw new SignedOut();
    throw error;
  }
}

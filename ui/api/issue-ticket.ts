import { SignedOut, type Ticket } from "../live/live-client.ts";
import { post, ProblemError } from "./client.ts";

/** A one-use ticket for the live socket. @throws SignedOut when the session is over. */
export async function issueTicket(): Promise<Ticket> {
  try {
    return await post<Ticket>("/live-tickets", {});
  } catch (error) {
    if (error instanceof ProblemError && error.problem.status === 401) throw new SignedOut();
    throw error;
  }
}

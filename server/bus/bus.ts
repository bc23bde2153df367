/** What the rooms of the server tell each other. In process by default; NATS carries the same messages between replicas. */
import type { IncidentStatus } from "../../protocol/incident-api.ts";
import type { Flip, LoggedEventIn } from "../store/store.ts";

export type BusMessage =
  /** Events were committed, in this order. */
  | { readonly type: "events"; readonly environment: string; readonly events: readonly LoggedEventIn[] }
  /** The policy of an environment moved: a flip was made, or ended. Published after the commit. */
  | {
      readonly type: "policy";
      readonly environment: string;
      readonly revision: number;
      readonly change: "created" | "ended";
      readonly flip: Flip;
    }
  /** Receipts of a flip changed. */
  | { readonly type: "receipts"; readonly environment: string; readonly flipId: string }
  /** An incident was opened or changed; its events are published before. */
  | {
      readonly type: "incident";
      readonly environment: string;
      readonly id: string;
      readonly number: number;
      readonly status: IncidentStatus;
    }
  /** Sockets opened with this credential must close. */
  | { readonly type: "token-revoked"; readonly tokenId: string }
  | { readonly type: "session-ended"; readonly sessionId: string };

export interface Bus {
  /** Delivers to every subscriber in order of publishing; a subscriber that throws does not stop the others. */
  publish(message: BusMessage): void;
  /** Returns the function that ends the subscription. */
  subscribe(listener: (message: BusMessage) => void): () => void;
  close(): Promise<void>;
}

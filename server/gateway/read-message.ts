import type { CloseName } from "../../protocol/close-codes.ts";
import { MIN_SUPPORTED_VERSION, PROTOCOL_VERSION } from "../../protocol/version.ts";

/** A schema of the wire, as far as reading needs it. */
interface MessageSchema<M> {
  safeParse(raw: unknown):
    | { readonly success: true; readonly data: M }
    | {
        readonly success: false;
        readonly error: { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] };
      };
}

export type ReadMessage<M> = { readonly message: M } | { readonly close: CloseName; readonly reason: string };

/** Text to message, or with which code and why to close. */
export function readMessage<M>(text: string, schema: MessageSchema<M>): ReadMessage<M> {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return { close: "badMessage", reason: "not JSON" };
  }
  if (unsupportedVersion(raw)) return { close: "versionUnsupported", reason: `this console speaks version ${String(PROTOCOL_VERSION)}` };
  const parsed = schema.safeParse(raw);
  if (parsed.success) return { message: parsed.data };
  const issue = parsed.error.issues[0];
  return { close: "badMessage", reason: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "does not match its schema"}` };
}

/** Judged before the schema speaks, which knows only our own version. */
function unsupportedVersion(raw: unknown): boolean {
  if (typeof raw !== "object" || raw === null || !("t" in raw) || raw.t !== "hello" || !("v" in raw) || typeof raw.v !== "number")
    return false;
  return raw.v < MIN_SUPPORTED_VERSION || raw.v > PROTOCOL_VERSION;
}

/** The one table of errors that a caller of the HTTP API can meet. docs/errors.md prints it; a test compares the two. */
import type { Problem } from "../protocol/api.ts";

export interface ErrorKind {
  readonly status: number;
  /** The same request may succeed later without being changed. */
  readonly retryable: boolean;
  readonly title: string;
  /** What to do about it. A thrown error may say it more exactly. */
  readonly detail: string;
}

const define = <const C extends string>(table: Record<C, ErrorKind>): Readonly<Record<C, ErrorKind>> => table;
const kind = (status: number, retryable: boolean, title: string, detail: string): ErrorKind => ({ status, retryable, title, detail });

export const ERRORS = define({
  request_invalid: kind(400, false, "The request is not valid", "Correct the fields named in errors and send it again."),
  json_invalid: kind(400, false, "The body is not JSON", "Send one JSON object, in UTF-8."),
  cursor_invalid: kind(
    400,
    false,
    "The cursor is not known",
    "Use nextCursor of an earlier answer unchanged, or leave it out to begin anew.",
  ),
  unauthenticated: kind(401, false, "Not signed in", "Sign in, or send Authorization: Bearer with an API token."),
  credentials_invalid: kind(
    401,
    false,
    "Wrong email or password",
    "Check both. After several failures there is a pause before the next try.",
  ),
  bootstrap_spent: kind(
    401,
    false,
    "The bootstrap token has done its work",
    "It counts only while no user and no API token exists, and one exists now. Sign in, or use an API token made by an administrator.",
  ),
  setup_link_invalid: kind(
    401,
    false,
    "The set-up link is not valid",
    "A link works once, for 15 minutes. Restart the console to get a new one in its log.",
  ),
  forbidden: kind(403, false, "Your role does not allow this", "Ask an administrator for the role that the message names."),
  agent_token_refused: kind(
    403,
    false,
    "An agent token is no key to the API",
    "Agent tokens (hfa_) open the agent socket only. Make an API token (hfp_) for scripts.",
  ),
  origin_refused: kind(
    403,
    false,
    "The request came from another site",
    "Open the console at its own address (HOLDFAST_PUBLIC_URL) and try there.",
  ),
  account_banned: kind(403, false, "This account is closed", "Ask an administrator to open it again."),
  not_found: kind(404, false, "There is nothing here", "See /api/v1/openapi.json for what there is."),
  switch_unknown: kind(
    404,
    false,
    "No such switch",
    "No instance of this environment has ever declared it. GET /api/v1/switches lists the known ones.",
  ),
  policy_unknown: kind(
    404,
    false,
    "No such policy",
    "No known instance of this environment declares it. GET /api/v1/policies lists the known ones.",
  ),
  flip_unknown: kind(404, false, "No such flip or change", "GET /api/v1/changes lists them, flips included."),
  incident_unknown: kind(404, false, "No such incident", "GET /api/v1/incidents lists them."),
  entry_unknown: kind(404, false, "No such entry", "GET /api/v1/incidents/{id}/timeline lists the entries of an incident."),
  rule_unknown: kind(
    404,
    false,
    "No such rule",
    "GET /api/v1/incident-rules lists them. A built-in rule is only there to delete once it was changed.",
  ),
  incident_conflict: kind(
    409,
    false,
    "The incident was changed meanwhile",
    "Read it again, then send the change with conflict.current as expectedVersion.",
  ),
  incident_merged: kind(409, false, "The incident was merged into another", "Act on the one that conflict.into names."),
  merge_invalid: kind(422, false, "These incidents cannot be merged", "Name two different incidents of one environment."),
  symptom_unknown: kind(
    422,
    false,
    "The incident has no such symptom",
    "Use keys of its symptoms; a split must leave at least one behind.",
  ),
  sink_unknown: kind(404, false, "No such notification sink", "It may have been deleted. GET /api/v1/notify-sinks lists them."),
  delivery_unknown: kind(404, false, "No such delivery", "Settled deliveries go after 14 days. GET /api/v1/notify-deliveries lists them."),
  delivery_waiting: kind(409, false, "The delivery still waits", "It is sent by itself; nextAt says when it is tried next."),
  too_many_sinks: kind(409, false, "Too many notification sinks", "At most 50. Delete some that are no longer needed."),
  notify_hosts_unset: kind(
    422,
    false,
    "Notifications may not go anywhere yet",
    "Set HOLDFAST_NOTIFY_HOSTS to the hosts they may go to, such as hooks.slack.com, and restart the console.",
  ),
  notify_host_refused: kind(
    422,
    false,
    "Notifications may not go there",
    "Use https and a host that HOLDFAST_NOTIFY_HOSTS names, or add the host there and restart the console.",
  ),
  token_unknown: kind(404, false, "No such token", "It may have been revoked already. The list shows what there is."),
  user_unknown: kind(404, false, "No such user", "GET /api/v1/users lists them."),
  session_unknown: kind(404, false, "No such session", "It may have ended already. GET /api/v1/sessions lists yours."),
  method_refused: kind(405, false, "Not with this method", "See /api/v1/openapi.json for the methods of this path."),
  revision_conflict: kind(
    409,
    false,
    "It was changed meanwhile",
    "Look at conflict.flips for what changed, then send it again with conflict.current as expectedRevision.",
  ),
  preset_unknown: kind(404, false, "No such preset", "GET /api/v1/presets lists them."),
  preset_name_taken: kind(409, false, "Another preset has this name", "Use another name, or change that preset."),
  version_conflict: kind(
    409,
    false,
    "It was edited meanwhile",
    "Read it again, then send the edit with conflict.current as expectedVersion.",
  ),
  drill_too_long: kind(422, false, "A drill ends by itself within ten minutes", "Send expiresInSeconds of 600 at most."),
  change_set_unknown: kind(404, false, "No such set of changes", "GET /api/v1/change-sets lists them."),
  change_set_undone: kind(409, false, "The set was taken back already", "There is nothing to undo: see its undoneBy."),
  flip_ended: kind(409, false, "The change has ended already", "There is nothing to revert: see its status."),
  too_many_flips: kind(
    409,
    false,
    "Too many changes in force on this",
    "At most 32 are in force at once. Revert some that are no longer needed.",
  ),
  idempotency_running: kind(409, true, "The first request with this key still runs", "Wait a moment and send the same request again."),
  idempotency_lost: kind(
    409,
    false,
    "The first request with this key was cut off",
    "The console stopped while it ran, so it may or may not have had effect. Look at what is there, then use a new key.",
  ),
  setup_done: kind(409, false, "The console is set up already", "Sign in. Further users are made by an administrator."),
  email_taken: kind(409, false, "This email has an account already", "Use another email, or change the existing account."),
  last_admin: kind(409, false, "This is the last administrator", "Make another administrator first."),
  body_too_large: kind(413, false, "The body is too large", "A request body has at most 64 kB."),
  media_type_unsupported: kind(415, false, "Only JSON is understood", "Send Content-Type: application/json."),
  position_unknown: kind(422, false, "The switch has no such position", "Use one of the positions that the message names."),
  scope_empty: kind(
    422,
    false,
    "The scope hits nothing",
    "No known instance that has this switch or policy is inside it. Widen it, or correct the names.",
  ),
  settings_invalid: kind(
    422,
    false,
    "These settings cannot be",
    "errors names the settings that are unknown, out of range or impossible together. GET /api/v1/policies has the limits of each.",
  ),
  settings_out_of_bounds: kind(
    422,
    false,
    "The code of an instance does not allow these settings",
    "Stay inside the bounds that GET /api/v1/policies shows, or narrow the scope to instances that allow them.",
  ),
  override_unfit: kind(
    422,
    false,
    "The override does not fit the policy",
    "Any policy can be disabled; only a breaker can be forced open or closed.",
  ),
  fault_invalid: kind(
    422,
    false,
    "The fault cannot be injected as asked",
    "It needs a share of calls to hit, and an end within 3,600 seconds. errors says what is missing.",
  ),
  fault_not_allowed: kind(
    422,
    false,
    "The service does not allow faults here",
    "Its code must opt in for the pipeline. Narrow the scope to instances that have.",
  ),
  window_invalid: kind(422, false, "The time window makes no sense", "from must be before to, and the window at most 400 days."),
  resource_unknown: kind(422, false, "No such resource or column", "GET /api/v1/fleet lists resources and their values."),
  idempotency_mismatch: kind(
    422,
    false,
    "The key was used for another request",
    "An Idempotency-Key belongs to one request. Use a new one.",
  ),
  idempotency_key_invalid: kind(
    400,
    false,
    "The Idempotency-Key cannot be used",
    "It has 1 to 128 printable ASCII characters; a UUID is a good choice.",
  ),
  rate_limited: kind(429, true, "Too many tries", "Wait as long as Retry-After says."),
  internal: kind(500, true, "The console failed", "Try again. If it stays, look for the request id in the console's log."),
  busy: kind(503, true, "Too many connect at once", "Come back after as long as Retry-After says."),
  store_unavailable: kind(
    503,
    true,
    "The database does not answer",
    "The fleet keeps its last policy. Try again shortly; /readyz tells when it is back.",
  ),
});

export type ErrorCode = keyof typeof ERRORS;

export interface ProblemExtras {
  /** Replaces the table's detail with something more exact. */
  readonly detail?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
  readonly conflict?: unknown;
  readonly retryAfterSeconds?: number;
}

/** An error that the caller is told about. Anything else that is thrown becomes `internal` and is logged. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ErrorCode;
  readonly extras: ProblemExtras;
  constructor(code: ErrorCode, extras: ProblemExtras = {}) {
    super(extras.detail ?? ERRORS[code].detail);
    this.code = code;
    this.extras = extras;
  }
}

/** The body that is sent for an error (RFC 9457). */
export function problemOf(error: ApiError, requestId: string): Problem {
  const { status, retryable, title, detail } = ERRORS[error.code];
  const { errors, conflict } = error.extras;
  return {
    type: `urn:holdfast:error:${error.code}`,
    title,
    status,
    code: error.code,
    detail: error.extras.detail ?? detail,
    retryable,
    requestId,
    ...(errors ? { errors: [...errors] } : {}),
    ...(conflict === undefined ? {} : { conflict }),
  };
}

/** The table of docs/errors.md. */
export function errorsTable(): string {
  const rows = Object.entries(ERRORS)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([code, { status, retryable, title, detail }]) => `| \`${code}\` | ${status} | ${retryable ? "yes" : "no"} | ${title} | ${detail} |`,
    );
  return ["| code | status | retryable | title | what to do |", "|---|---|---|---|---|", ...rows].join("\n");
}

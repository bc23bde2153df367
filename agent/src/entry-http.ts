/** `@holdfast/agent/http`: deadlines and priorities of calls, guards of servers, wrappers of clients. */
export type { PriorityClass } from "../../protocol/kinds.ts";
export { AnswerError } from "./http/answer.ts";
export type { Priority } from "./http/context.ts";
export { remainingMs, withDeadline } from "./http/deadline.ts";
export { fastifyGuard } from "./http/fastify-guard.ts";
export {
  createGuard,
  type Admission,
  type DeadlineOptions,
  type Guard,
  type GuardOptions,
  type Limit,
  type Refusal,
  type Visit,
} from "./http/guard.ts";
export { expressGuard, wrapHandler } from "./http/node-guard.ts";
export type { OutgoingOptions } from "./http/outgoing.ts";
export { currentPriority, withPriority } from "./http/priority.ts";
export { resilientFetch, type FetchOptions, type PipelineLike } from "./http/resilient-fetch.ts";
export { deadlineInterceptor } from "./http/undici-interceptor.ts";
export { honoGuard, wrapRoute, wrapRoutes } from "./http/web-guard.ts";
export { isPolicyError, PolicyError, type PolicyErrorCode } from "./resilience/errors.ts";

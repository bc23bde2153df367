/** What the routes of switches and of policies do alike. */
import type { ChangeAnswer, ChangeDetail } from "../../../protocol/api.ts";
import { ApiError } from "../../errors.ts";
import type { FlipScope } from "../../store/store.ts";
import { changeAnswer, changeDetail } from "../answers.ts";
import type { ApiDeps } from "../api-deps.ts";

/** A scope as it was sent, without undefined parts and repeated names. */
export function scopeOf(
  scope: {
    readonly service?: string | undefined;
    readonly instances?: readonly string[] | undefined;
    readonly percentage?: number | undefined;
  } = {},
): FlipScope {
  const { service, instances, percentage } = scope;
  return {
    ...(service === undefined ? {} : { service }),
    ...(instances === undefined ? {} : { instances: [...new Set(instances)] }),
    ...(percentage === undefined ? {} : { percentage }),
  };
}

/** @throws ApiError flip_unknown */
export async function readChange(deps: Pick<ApiDeps, "policy" | "store">, id: string): Promise<ChangeDetail> {
  const flip = await deps.store.getFlip(id);
  if (!flip) throw new ApiError("flip_unknown");
  return changeDetail(deps, flip);
}

/** @throws ApiError flip_unknown, flip_ended */
export async function revertChange(
  deps: Pick<ApiDeps, "policy">,
  id: string,
  by: { readonly actor: string; readonly reason: string },
): Promise<ChangeAnswer> {
  return changeAnswer(deps, await deps.policy.revert(id, by));
}

/** What a host may ask of an agent, checked. Never throws. */
import { defaultInstance, type HostFacts } from "./environment.ts";
import { consoleUrl } from "./link/console-url.ts";
import { fits } from "./link/fits.ts";
import { labels } from "./link/wire-shapes.ts";
import type { AgentOptions, LogFunction } from "./types.ts";

export interface AgentConfig {
  readonly url: string;
  readonly token: string;
  readonly service: string;
  readonly instance: string;
  readonly version: string | undefined;
  readonly labels: Readonly<Record<string, string>> | undefined;
  readonly policyFile: string | undefined;
  readonly log: LogFunction | undefined;
}

export type CheckedOptions = { readonly ok: true; readonly config: AgentConfig } | { readonly ok: false; readonly problem: string };

export function checkOptions(options: AgentOptions, facts: HostFacts): CheckedOptions {
  const refuse = (problem: string): CheckedOptions => ({ ok: false, problem });
  if (typeof options !== "object" || (options as AgentOptions | null) === null) return refuse("createAgent needs options");
  if (typeof options.url !== "string") return refuse("createAgent needs the url of the console");
  const where = consoleUrl(options.url);
  if (!where.ok) return refuse(where.problem);
  if (typeof options.token !== "string" || !/^[\x21-\x7e]{1,512}$/.test(options.token))
    return refuse("createAgent needs the agent's token");
  const instance = options.instance ?? defaultInstance(facts);
  for (const [what, value] of Object.entries({ service: options.service, instance })) {
    if (typeof value !== "string" || value.includes("/")) return refuse(`${what} must be a name without a slash`);
  }
  const texts = { service: options.service, instance, version: options.version ?? "none" };
  for (const [what, value] of Object.entries(texts)) {
    if (!fits("name", value)) return refuse(`${what} cannot be used: a name is 1 to 64 characters without control or direction marks`);
  }
  if (options.labels !== undefined && !fits(labels, options.labels)) return refuse("labels are up to 16 short texts by key");
  return {
    ok: true,
    config: {
      url: where.url,
      token: options.token,
      service: options.service,
      instance,
      version: options.version,
      labels: options.labels === undefined ? undefined : { ...options.labels },
      policyFile: typeof options.policyFile === "string" ? options.policyFile : undefined,
      log: typeof options.log === "function" ? options.log : undefined,
    },
  };
}

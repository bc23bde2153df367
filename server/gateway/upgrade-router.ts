import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { AGENT_PATH, LIVE_PATH } from "../../protocol/version.ts";
import type { GatewayMetrics } from "./metrics.ts";
import { refuseUpgrade, targetPath } from "./refuse-upgrade.ts";

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface UpgradeRouterOptions {
  readonly agents: { readonly handleUpgrade: UpgradeHandler };
  readonly browsers: { readonly handleUpgrade: UpgradeHandler };
  readonly metrics: GatewayMetrics;
  /** Development only: takes upgrades below `/_next/` for hot reloading. */
  readonly next?: UpgradeHandler;
}

/**
 * The one listener for upgrades: our two exact paths, and nothing else gets further. Never hand an unknown upgrade to a web
 * framework: that has been a way to make it send requests elsewhere.
 */
export function createUpgradeRouter(options: UpgradeRouterOptions): {
  attach(server: Server): () => void;
  readonly handle: UpgradeHandler;
} {
  const handle: UpgradeHandler = (request, socket, head) => {
    const path = targetPath(request.url);
    if (path === AGENT_PATH) options.agents.handleUpgrade(request, socket, head);
    else if (path === LIVE_PATH) options.browsers.handleUpgrade(request, socket, head);
    else if (options.next && path?.startsWith("/_next/")) options.next(request, socket, head);
    else options.metrics.countHandshakeRejected("other", refuseUpgrade(socket, "not_found"));
  };
  return {
    handle,
    attach(server) {
      server.on("upgrade", handle);
      return () => void server.off("upgrade", handle);
    },
  };
}

import type { AgentPeer } from "./agent-gateway-parts.ts";

/** The agents that are connected, for metrics and readiness. */
export interface AgentLinks {
  readonly connected: number;
  byEnvironment(): ReadonlyMap<string, number>;
  isConnected(environment: string, key: string): boolean;
}

/** Peers are looked after a lane at a time, so that ten thousand are not pinged in one turn of the loop. */
export const LANES = 20;

/** Who is connected: one peer for each instance, and how much each token uses. */
export class AgentRegistry implements AgentLinks {
  readonly #all = new Set<AgentPeer>();
  readonly #lanes = Array.from({ length: LANES }, () => new Set<AgentPeer>());
  #nextLane = 0;
  readonly #byEnvironment = new Map<string, Map<string, AgentPeer>>();
  readonly #byToken = new Map<string, { peers: number; resources: number }>();
  #open = 0;

  get connected(): number {
    return this.#open;
  }

  byEnvironment(): ReadonlyMap<string, number> {
    return new Map([...this.#byEnvironment].map(([environment, peers]) => [environment, peers.size]));
  }

  isConnected(environment: string, key: string): boolean {
    return this.#byEnvironment.get(environment)?.has(key) ?? false;
  }

  /** Every socket, greeted or not. */
  all(): ReadonlySet<AgentPeer> {
    return this.#all;
  }

  /** Every peer is in one of the `LANES` lanes. */
  lane(index: number): ReadonlySet<AgentPeer> {
    return this.#lanes[index] ?? new Set();
  }

  in(environment: string): Iterable<AgentPeer> {
    return this.#byEnvironment.get(environment)?.values() ?? [];
  }

  find(environment: string, key: string): AgentPeer | null {
    return this.#byEnvironment.get(environment)?.get(key) ?? null;
  }

  usage(tokenId: string): { readonly peers: number; readonly resources: number } {
    return this.#byToken.get(tokenId) ?? { peers: 0, resources: 0 };
  }

  arrived(peer: AgentPeer): void {
    this.#all.add(peer);
    this.#lanes[this.#nextLane]?.add(peer);
    this.#nextLane = (this.#nextLane + 1) % LANES;
    this.#use(peer, 1, 0);
  }

  opened(peer: AgentPeer): void {
    const { environment } = peer.grant;
    let peers = this.#byEnvironment.get(environment);
    if (!peers) this.#byEnvironment.set(environment, (peers = new Map<string, AgentPeer>()));
    peers.set(peer.key, peer);
    this.#open++;
  }

  grew(peer: AgentPeer, resources: number): void {
    this.#use(peer, 0, resources);
  }

  /** @param key empty when it was never open */
  left(peer: AgentPeer, key: string): void {
    if (!this.#all.delete(peer)) return;
    for (const lane of this.#lanes) lane.delete(peer);
    this.#use(peer, -1, -peer.resources);
    if (key === "") return;
    this.#open--;
    const peers = this.#byEnvironment.get(peer.grant.environment);
    if (peers?.get(key) !== peer) return;
    peers.delete(key);
    if (peers.size === 0) this.#byEnvironment.delete(peer.grant.environment);
  }

  #use(peer: AgentPeer, peers: number, resources: number): void {
    const usage = this.#byToken.get(peer.grant.tokenId) ?? { peers: 0, resources: 0 };
    usage.peers += peers;
    usage.resources += resources;
    if (usage.peers > 0) this.#byToken.set(peer.grant.tokenId, usage);
    else this.#byToken.delete(peer.grant.tokenId);
  }
}

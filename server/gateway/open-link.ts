import type { AgentDown } from "../../protocol/agent-down.ts";
import type { Hello } from "../../protocol/agent-up.ts";
import type { CloseName } from "../../protocol/close-codes.ts";
import type { FleetLink } from "../fleet/live-fleet.ts";
import type { SampleSource } from "../history/sink.ts";
import { instanceKey } from "../policy/feed.ts";
import type { AgentClock } from "./agent-clock.ts";
import type { AgentDictionary } from "./agent-dictionary.ts";
import type { AgentGatewayParts } from "./agent-gateway-parts.ts";
import { EventIntake } from "./event-intake.ts";
import { PolicyLink } from "./policy-link.ts";
import { SampleIntake } from "./sample-intake.ts";

/** What one connection consists of once its greeting is accepted. */
export interface OpenLink {
  readonly source: SampleSource;
  readonly key: string;
  readonly fleet: FleetLink;
  readonly policy: PolicyLink;
  readonly samples: SampleIntake;
  readonly events: EventIntake;
}

export interface OpenLinkOptions {
  readonly hello: Hello;
  readonly source: SampleSource;
  readonly agentClock: AgentClock;
  readonly dictionary: AgentDictionary;
  readonly eventsAcked: number;
  readonly parts: AgentGatewayParts;
  readonly session: {
    readonly send: (frame: string | Buffer) => void;
    readonly tell: (message: AgentDown) => void;
    readonly close: (name: CloseName, reason: string) => void;
    readonly refuse: (of: string, code: string, message: string) => void;
  };
}

/** Makes the instance known as connected, and everything that handles what it will send. */
export function openLink({ hello, source, agentClock, dictionary, eventsAcked, parts, session }: OpenLinkOptions): OpenLink {
  const now = parts.clock.monotonic();
  const fleet = parts.fleet.connect(source, {
    boot: hello.boot,
    version: hello.version ?? null,
    labels: hello.labels ?? {},
    agentVersion: hello.agentVersion,
    runtime: hello.runtime,
    clockSkewMs: agentClock.skewMs,
    policyRevision: hello.policy.revision,
  });
  const samples = new SampleIntake({
    source,
    fleet,
    agentClock,
    dictionary,
    parts,
    now,
    session: { close: session.close, refuse: (code, message) => session.refuse("sample", code, message) },
  });
  const events = new EventIntake({
    source,
    agentClock,
    acked: eventsAcked,
    parts,
    now,
    session: {
      tell: session.tell,
      close: session.close,
      refuse: (code, message) => session.refuse("events", code, message),
      happened: (event, at) => samples.transition(event, at),
    },
  });
  const policy = new PolicyLink({
    agent: source,
    feed: parts.feed,
    clock: parts.clock,
    metrics: parts.metrics,
    nextTxn: parts.nextTxn,
    send: session.send,
  });
  return { source, key: instanceKey(source), fleet, policy, samples, events };
}

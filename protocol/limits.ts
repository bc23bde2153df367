/** Every limit of the wire, in one place. Bytes unless the name says otherwise. */
export const LIMITS = {
  agentMaxPayload: 256 * 1024,
  browserMaxPayload: 16 * 1024,
  /** RFC 6455 fragments of one message; ws >= 8.21 option `maxFragments`. */
  maxFragments: 64,
  /** ws >= 8.21 option `maxBufferedChunks`. */
  maxBufferedChunks: 1024,
  /** A reader that lets this much pile up is cut with `slow_consumer`. */
  maxBuffered: 1024 * 1024,

  nameChars: 64,
  titleChars: 120,
  textChars: 500,
  labelsMax: 16,
  labelChars: 64,
  resourcesPerAgent: 500,
  switchesPerAgent: 200,
  policiesPerAgent: 500,
  positionsPerSwitch: 8,
  eventsPerMessage: 100,
  eventDataBytes: 4096,
  policyItemsPerMessage: 500,
  slotsPerFrame: 8192,

  /** Text frames a second an agent may send, averaged over ten seconds. */
  agentMessagesPerSecond: 50,
  /** Events a second an agent may send, averaged over ten seconds. */
  agentEventsPerSecond: 100,
  /** Sample frames a second, back-fill included, averaged over ten seconds. */
  agentFramesPerSecond: 400,

  handshakesInFlight: 256,
  helloDeadlineMs: 10_000,
  heartbeatMs: 10_000,
  /** A peer that is silent this long is dead. */
  deadPeerMs: 25_000,
  sampleIntervalMs: 1_000,
  /** No frame for this long: the instance is stale. */
  staleAfterMs: 5_000,
  reconnectMinMs: 1_000,
  reconnectMaxMs: 30_000,
  /** The back-off counter is reset only after a link has held this long. */
  stableLinkMs: 30_000,
} as const;

/** The door between the gateway and history: samples in, commitments out. Implemented by history, used by the gateway. */
import type { ResourceState } from "../../core/fleet.ts";
import type { FrameChain, FrameKind } from "../../protocol/frame.ts";
import type { AgentIdentity } from "../policy/feed.ts";

export interface SampleSource extends AgentIdentity {
  readonly boot: string;
}

/** The sample as it came over the wire; history keeps these bytes rather than the row. */
export interface SampleFrame {
  /** Belongs to the caller and is copied. */
  readonly bytes: Uint8Array;
  /** The chain it was decoded with, as the frame left it. */
  readonly chain: FrameChain;
  readonly kind: FrameKind;
  /** It begins the chain anew. */
  readonly key: boolean;
  /** Sequence of the frame before it in its chain. */
  readonly previousSeq: number;
}

export interface SampleSink {
  /**
   * Takes one sample. `at` is the agent's clock corrected by its skew; `row` (value + 1, 0 = unknown) belongs to the caller and is
   * copied. Never blocks; back-filled samples may arrive out of order and land in their minute.
   */
  append(
    source: SampleSource,
    sample: {
      readonly seq: number;
      readonly at: number;
      readonly row: Float64Array;
      readonly slots: number;
      readonly resources: readonly ResourceState[];
      /** When it came as one. */
      readonly frame?: SampleFrame;
    },
  ): void;
  /** Called after a page is on disk: everything of this boot up to `seq` is durable. */
  onCommitted(listener: (source: SampleSource, seq: number) => void): () => void;
}

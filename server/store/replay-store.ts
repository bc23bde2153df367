/** The part of the store that time travel stands on: how the fleet was described, pages by place, policies as they were. */
import type { Subject } from "../../core/policy.ts";
import type { DropProgress, Lease, PagePlace, StoredPage } from "./tier-store.ts";

/** What changed of the fleet, packed. */
export interface StoryRow {
  readonly environment: string;
  /** From then on. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

export interface StoredStoryRow extends StoryRow {
  /** Ascends in the order in which changes are to be folded. */
  readonly id: number;
}

/** The fleet at a moment, packed. */
export interface NewKeyFrame extends StoryRow {
  /** Known up to here: where the next one begins, or the last sign of life of the console that records. */
  readonly until: number;
  /** The last change that is in it; 0 when there was none. */
  readonly changeId: number;
}

export interface KeyFrame extends NewKeyFrame {
  readonly id: number;
}

export interface StoryQuery {
  readonly environment: string;
  /** Changes behind this one. */
  readonly afterId: number;
  /** Changes at this time or earlier. */
  readonly until: number;
  readonly limit: number;
}

export interface StoryDrop {
  readonly environment: string;
  /** What is needed to tell of this time and later stays. */
  readonly before: number;
  /** Key frames looked at. */
  readonly limit: number;
  readonly progress: DropProgress;
}

export interface PageListQuery {
  readonly environment: string;
  readonly service: string;
  readonly instance?: string;
  readonly from: number;
  readonly to: number;
  /** By their end, from the last; such a list is not continued. */
  readonly newestFirst?: boolean;
  /** Where the list before this one stopped. */
  readonly after?: PagePlace;
  readonly limit: number;
}

/** Of a subject: the highest revision that made or ended a change of it. */
export interface SubjectRevision {
  readonly subject: Subject;
  readonly revision: number;
}

export interface ReplayStore {
  /** Answers the id. */
  appendStoryChange(row: StoryRow): Promise<number>;
  /** Ends the one before it in the same transaction. Answers the id. */
  putKeyFrame(frame: NewKeyFrame): Promise<number>;
  /** A sign of life. An end that is later already stays. */
  extendKeyFrame(id: number, until: number): Promise<void>;
  /** The newest at a time or earlier; null when there is none. */
  findKeyFrame(environment: string, at: number): Promise<KeyFrame | null>;
  /** When the oldest or the newest begins; null when there is none. */
  keyFrameSpan(environment: string): Promise<{ readonly oldest: number; readonly newest: number } | null>;
  /** In the order of ids. */
  listStoryChanges(query: StoryQuery): Promise<readonly StoredStoryRow[]>;
  /**
   * Drops key frames, oldest first, with the changes behind them, when neither the time that is kept nor a pinned window needs them.
   * Answers how many key frames went. @throws LeaseLost
   */
  dropStory(lease: Lease, drop: StoryDrop): Promise<number>;

  /** Pages that overlap a window, by their end, one list after the other. */
  listPages(query: PageListQuery): Promise<readonly StoredPage[]>;

  /** Revisions at a time, of every subject that had been touched by then. */
  listRevisionsAt(environment: string, at: number): Promise<readonly SubjectRevision[]>;
}

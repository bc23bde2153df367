/** What the jobs of history and its readers must agree on. */
export interface HistoryMarks {
  /** Raw pages that ended before this may be gone, and do not come back. Saved before the first of them goes. */
  rawGoneBefore: number;
}

/** What a worker tells the demo, as it happens. */
export interface News {
  readonly agent: string;
  readonly session: string | null;
  readonly what: Event;
  /** A few words for people. */
  readonly detail: string;
  /** What `abandoned` left behind: commits and references. */
  readonly kept?: readonly string[];
}

export type Event =
  | "claimed"
  | "locked"
  | "worked"
  | "landed"
  | "learned"
  | "waits"
  | "conflict"
  | "resolved"
  | "completed"
  | "abandoned"
  /** Stopped at the step it was told to stop at: about to be killed. */
  | "halted"
  | "killed"
  | "done";

/** What a worker tells the demo, as it happens. */
export interface News {
  readonly agent: string;
  readonly session: string | null;
  readonly what: Event;
  /** A few words for people. */
  readonly detail: string;
  /** What `abandoned` left behind: commits and references. */
  readonly kept?: readonly string[];
  /** The file that a worker edits as it halts. */
  readonly edits?: { readonly dir: string; readonly path: string };
  /** What `killed` left on the disk and in no commit. */
  readonly unsaved?: Unsaved;
}

/** The last line that a killed worker wrote, and the commit that its workspace stood on. */
export interface Unsaved {
  readonly path: string;
  readonly line: string;
  readonly head: string;
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
  | "took over"
  | "restored"
  /** Stopped where it is to be killed: at the step it was told, or in the middle of an edit. */
  | "halted"
  | "killed"
  | "done";

/** A named text of one project. */
export interface Note {
  /** `folder/name`, without an extension. */
  readonly path: string;
  readonly text: string;
  /** SHA-256 of the text, as 64 hexadecimal digits. */
  readonly checksum: string;
}

/** A line of a note that has what was searched for. */
export interface NoteHit {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

/** What a note once said. */
export interface NoteVersion {
  /** When it was written, ISO 8601 in UTC. */
  readonly at: string;
  readonly text: string;
  readonly checksum: string;
}

export interface WriteOptions {
  /** The checksum that the note must have at this moment; null: there must be none. Without it the note is replaced. */
  readonly expected?: string | null;
}

/**
 * The notes of one project; no call reaches those of another one. That a note is *absent* is an answer (null, false, an
 * empty list); that the store cannot be asked is a BrainUnavailableError, and never the same. [SIR-01] [SIR-11]
 *
 * Every call may fail with BrainUnavailableError (BRAIN_UNAVAILABLE), and with INVALID for a path that is none.
 */
export interface NoteStore {
  readonly kind: "embedded" | "server";
  /** The project's name in the store. */
  readonly project: string;
  /** Where the notes are, for people: a folder, or a server. */
  readonly place: string;
  /**
   * Whether `expected` is compared and the note written in one step. Where it is not, a write of somebody else in the
   * moment between is not noticed.
   */
  readonly swaps: boolean;
  read(path: string): Promise<Note | null>;
  /**
   * Writes the whole note; what it said before is kept in `versions`, where the store has it in its hands.
   * @throws BerthError NOTE_CHANGED when it is not what `expected` says; `facts.found` is its checksum, or null
   */
  write(path: string, text: string, options?: WriteOptions): Promise<Note>;
  /**
   * Changes a note by what it says at this moment: in one step where the store swaps, else tried again while others
   * come before.
   * @param change gives the new text; what it throws ends the change, with nothing written
   * @throws BerthError NOTE_CHANGED when others came before again and again
   */
  update(path: string, change: (found: Note | null) => string | Promise<string>): Promise<Note>;
  /** The paths that match, in order. `*` is any part of a name, `**` any folders, `?` one character. */
  list(pattern: string): Promise<readonly string[]>;
  /**
   * Removes a note, so that no listing has it any more.
   * @returns whether there was one
   * @throws BerthError NOTE_CHANGED as `write`
   */
  delete(path: string, options?: { readonly expected?: string }): Promise<boolean>;
  /** The lines that have a text, without regard to case; at most a hundred. */
  search(text: string): Promise<readonly NoteHit[]>;
  /** What a note said before, oldest first, with what it says now as the last one; deleted notes too. */
  versions(path: string): Promise<readonly NoteVersion[]>;
  /** Sees to it that a text which is about to be written over will be in `versions`. */
  keep(note: Note): Promise<void>;
  close(): Promise<void>;
}

import type { News } from "./news.ts";
import type { Place } from "./place.ts";

/** One statement of the summary, and the command that shows whether it is true. */
export interface Check {
  readonly says: string;
  readonly command: string;
  readonly ok: boolean;
  /** What was printed, where that is the proof itself. */
  readonly shown?: string;
  /** What was printed that speaks against it. */
  readonly found?: string;
}

/** What happened, as far as the statements need it. */
export interface Outcome {
  readonly place: Place;
  readonly news: readonly News[];
  /** Clones by agent. */
  readonly clones: ReadonlyMap<string, string>;
  /** How this program is started. */
  readonly berth: readonly string[];
}

export interface Statement {
  readonly says: string;
  /** Who is asked; git where nothing is said. */
  readonly program?: "berth";
  /** Where it is asked, and what. */
  readonly ask: readonly [dir: string, ...args: string[]];
  readonly holds: (lines: readonly string[]) => boolean;
  /** What is printed is part of the summary. */
  readonly shows?: true;
}

/** The sessions to which something happened. */
export function sessionsThat(news: readonly News[], what: News["what"]): string[] {
  return [
    ...new Set(news.flatMap((item) => (item.what === what && item.session !== null ? [item.session] : []))),
  ].sort();
}

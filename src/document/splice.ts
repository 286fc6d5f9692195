/** A piece of a text, from `start` up to `end` (not included), that another text takes the place of. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text with all pieces replaced. They do not overlap; of those at one place, the one that was given first is first. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  let at = 0;
  let result = "";
  for (const { start, end, text: given } of splices.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    result += text.slice(at, start) + given;
    at = Math.max(at, end);
  }
  return result + text.slice(at);
}

/** Where the line begins that holds an offset. */
export function lineStart(text: string, offset: number): number {
  return offset <= 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
}

/** The lines of a text with their line ends. */
export function linesOf(text: string): string[] {
  return text === "" ? [] : text.split(/(?<=\n)/);
}

import { headingText, type MarkdownLine, outline } from "../document/outline.ts";
import { homeOf } from "./synonyms.ts";

/** The part of a board that tells of one session; lines counted from 0. */
export interface BoardSection {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** The sections of a board made by hand that tell of sessions: those in which a line or heading says a key of one. */
export function sectionsOf(text: string): BoardSection[] {
  const { lines } = outline(text);
  const level = [2, 3, 1].find((one) => lines.some((line) => line.level === one));
  if (level === undefined) return [];
  const starts = lines.flatMap((line, at) => (line.level > 0 && line.level <= level ? [at] : []));
  return starts.flatMap((from, index) => {
    const to = starts[index + 1] ?? lines.length;
    const own = lines.slice(from, to);
    if (own[0]?.level !== level || !tells(own.slice(1))) return [];
    return [{ from, to, text: own.map((line) => line.text).join("") }];
  });
}

function tells(lines: readonly MarkdownLine[]): boolean {
  return lines.some(({ text, level, prose }) => {
    if (level > 0) return homeOf(headingText(text)) !== null;
    const name = prose
      ? /^[ \t]*(?:[-*+][ \t]+)?(?:\*\*|__)?([A-Za-z][A-Za-z _-]{1,30}?)(?:\*\*|__)?:/.exec(text)?.[1]
      : undefined;
    return name !== undefined && homeOf(name) !== null;
  });
}

/** A board without some of its lines, and null where no session is left on it. */
export function withoutSections(text: string, gone: readonly (readonly [from: number, to: number])[]): string | null {
  const lines = text.split(/(?<=\n)/);
  const out = new Set(gone.flatMap(([from, to]) => lines.slice(from, to).map((_, at) => from + at)));
  const left = lines.filter((_, at) => !out.has(at));
  const rest = left.join("");
  return sectionsOf(rest).length > 0 ? rest : null;
}

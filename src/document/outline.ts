import { bodyLine } from "./fence.ts";

/** One line of a Markdown text, told apart as far as headings and lists are concerned. */
export interface MarkdownLine {
  /** With its line end. */
  readonly text: string;
  /** Counted from 1 in the text that was given. */
  readonly line: number;
  /** False in fenced code, in HTML comments and in front matter. */
  readonly prose: boolean;
  /** In a fenced block of code, or one of its fences. */
  readonly code: boolean;
  /** 1 to 6 for a heading, else 0. */
  readonly level: number;
}

/** A heading's lines: `from` is the one behind the heading, `to` the one behind the section, counted from 0. */
export interface Section {
  readonly level: number;
  readonly from: number;
  readonly to: number;
}

/** A Markdown text by lines, and the fence of a code block that is never closed. */
export interface Outline {
  readonly lines: readonly MarkdownLine[];
  readonly openFence: string | null;
}

/** Reads a Markdown text, with or without front matter, by lines; joined, they are the text again. */
export function outline(text: string): Outline {
  const body = bodyLine(text);
  const lines: MarkdownLine[] = [];
  let fence: string | null = null;
  let comment = false;
  for (const [at, line] of text.split(/(?<=\n)/).entries()) {
    if (at + 1 < body) {
      lines.push({ text: line, line: at + 1, prose: false, code: false, level: 0 });
      continue;
    }
    const mark = fenceMark(line);
    const inComment: boolean = comment || (fence === null && /^\s*<!--/.test(line));
    const prose = fence === null && !inComment && mark === null;
    const code: boolean = fence !== null || (mark !== null && !inComment);
    lines.push({ text: line, line: at + 1, prose, code, level: prose ? headingLevel(line) : 0 });
    if (fence !== null) {
      if (mark !== null && closes(line, mark, fence)) fence = null;
    } else if (inComment) comment = !line.includes("-->");
    else fence = mark;
  }
  return { lines, openFence: fence };
}

function fenceMark(line: string): string | null {
  const found = /^ {0,3}(?:>[ \t]*)*(`{3,}(?!.*`)|~{3,})/.exec(line);
  return found?.[1] ?? null;
}

function closes(line: string, mark: string, fence: string): boolean {
  return mark.startsWith(fence) && line.slice(line.indexOf(mark) + mark.length).trim() === "";
}

function headingLevel(line: string): number {
  return /^ {0,3}(#{1,6})(?=[ \t]|\r?\n|$)/.exec(line)?.[1]?.length ?? 0;
}

/** The text of a heading line, at most 1,000 characters: without marks, closing marks and emphasis. */
export function headingText(line: string): string {
  return line
    .slice(0, 1000)
    .replace(/^ {0,3}#{1,6}/, "")
    .trim()
    .replace(/(?:^|[ \t]+)#+$/, "")
    .replaceAll(/\*\*|__|`/g, "")
    .trim();
}

/** Finds the first section with this heading: any level, any case, numbering and punctuation around it ignored. */
export function findSection(lines: readonly MarkdownLine[], heading: string): Section | null {
  const wanted = plain(heading);
  const at = lines.findIndex((line) => line.level > 0 && plain(headingText(line.text)) === wanted);
  const level = lines[at]?.level;
  if (level === undefined) return null;
  const next = lines.findIndex((line, i) => i > at && line.level > 0 && line.level <= level);
  return { level, from: at + 1, to: next < 0 ? lines.length : next };
}

function plain(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/^[^\p{L}]+/u, "")
    .replace(/[^\p{L}\p{N})]+$/u, "")
    .replaceAll(/\s+/g, " ");
}

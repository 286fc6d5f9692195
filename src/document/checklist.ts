import { BerthError } from "../errors.ts";
import { lineEnd } from "./fence.ts";
import { findSection, type MarkdownLine, outline } from "./outline.ts";

/** One box of a checklist. */
export interface Criterion {
  readonly text: string;
  readonly done: boolean;
  /** Counted from 1 in the text that was given. */
  readonly line: number;
}

const box = /^([ \t]*(?:>[ \t]*)*(?:[-*+]|\d{1,9}[.)])[ \t]+\[)([ xX])(\](?:[ \t]+|(?=\r?\n|$)))(.*)/;

/**
 * Reads the boxes below a heading, down to the next heading of its level; not those in code or comments.
 * @param heading null: those of the whole document
 */
export function criteria(body: string, heading: string | null = "Acceptance Criteria"): Criterion[] {
  return boxes(outline(body).lines, heading).map(({ line, match }) => ({
    text: (match[4] ?? "").trim(),
    done: match[2] !== " ",
    line: line.line,
  }));
}

/**
 * Ticks boxes of a document by their number, counted from 1; one that is ticked already stays so. Nothing else changes.
 * @throws BerthError INVALID when there is no such box, saying how many there are
 */
export function tick(
  text: string,
  which: readonly number[] | "all",
  heading: string | null = "Acceptance Criteria",
): string {
  const { lines } = outline(text);
  const found = boxes(lines, heading);
  const wrong = which === "all" ? [] : which.filter((n) => !Number.isInteger(n) || n < 1 || n > found.length);
  if (wrong.length > 0) throw noSuchBox(wrong, found.length, heading);
  const chosen = new Map(
    found
      .filter(({ match }, at) => match[2] === " " && (which === "all" || which.includes(at + 1)))
      .map(({ line, match }) => [line.line, line.text.replace(box, () => `${match[1]}x${match[3]}${match[4]}`)]),
  );
  return lines.map((line) => chosen.get(line.line) ?? line.text).join("");
}

/** What stands below a heading, without blank lines at its ends; null where there is no such heading. */
export function section(body: string, heading: string): string | null {
  const { lines } = outline(body);
  const found = findSection(lines, heading);
  return found
    ? trimLines(lines.slice(found.from, found.to))
        .map((line) => line.text)
        .join("")
        .trimEnd()
    : null;
}

/** Adds text at the end of a section of a document, which is made at the end of it where it is missing. */
export function appendToSection(text: string, heading: string, addition: string): string {
  const end = lineEnd(text);
  const added = addition
    .trim()
    .split(/\r\n|\n/)
    .join(end);
  const { lines, openFence } = outline(text);
  const found = findSection(lines, heading);
  const whole = lines.map((line) => line.text);
  if (!found || (openFence !== null && found.to === lines.length)) {
    const before = whole.join("");
    const fence = openFence === null ? "" : openFence + end;
    const head = found ? "" : `## ${heading}${end}${end}`;
    return before + gap(before, end, fence) + head + added + end;
  }
  const at = found.from + trimLines(lines.slice(found.from, found.to), true).length;
  const before = whole.slice(0, at).join("");
  const after = whole.slice(at).join("");
  const between = after === "" || /^[ \t]*\r?\n/.test(after) ? "" : end;
  return before + gap(before, end, "") + added + end + between + after;
}

function gap(before: string, end: string, fence: string): string {
  if (before === "" || before === "\uFEFF") return "";
  const line = before.endsWith("\n") ? "" : end;
  return line + fence + (fence === "" && /\n[ \t]*\r?\n$/.test(before) ? "" : end);
}

function boxes(
  lines: readonly MarkdownLine[],
  heading: string | null,
): { line: MarkdownLine; match: RegExpExecArray }[] {
  const found = heading === null ? { from: 0, to: lines.length } : findSection(lines, heading);
  if (!found) return [];
  return lines.slice(found.from, found.to).flatMap((line) => {
    const match = line.prose ? box.exec(line.text) : null;
    return match ? [{ line, match }] : [];
  });
}

function trimLines(lines: readonly MarkdownLine[], keepStart = false): readonly MarkdownLine[] {
  const filled = lines.map((line) => line.text.trim() !== "");
  const last = filled.lastIndexOf(true);
  return lines.slice(keepStart ? 0 : Math.max(filled.indexOf(true), 0), last + 1);
}

function noSuchBox(wrong: readonly number[], count: number, heading: string | null): BerthError {
  const are = count === 0 ? "no boxes" : count === 1 ? "1 box" : `${count} boxes`;
  const where = heading === null ? "in this checklist" : `below "${heading}"`;
  return new BerthError("INVALID", `There is no box ${wrong.join(", ")} ${where}: it has ${are}.`, {
    hint: count === 0 ? `Add lines of the form "- [ ] text" ${where}.` : `Use numbers from 1 to ${count}, or all.`,
    facts: { heading, count, wrong: [...wrong] },
  });
}

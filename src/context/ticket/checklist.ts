import { criteria } from "../../document/checklist.ts";
import { headingText, outline } from "../../document/outline.ts";
import type { TicketProblem } from "./problem.ts";

/** One item of a checklist.md. */
export interface ChecklistItem {
  /** Counted from 1. */
  readonly number: number;
  /** Without the star. */
  readonly text: string;
  readonly done: boolean;
  /** Whether it has the star: the ticket is not closed without it. */
  readonly required: boolean;
  readonly line: number;
  /** The heading it stands below; empty before the first one. */
  readonly heading: string;
}

/** Every item of a checklist, whatever heading it stands below. */
export function checklistItems(text: string): ChecklistItem[] {
  const headings = outline(text).lines.filter(({ level }) => level > 0);
  return criteria(text, null).map((box, at) => ({
    number: at + 1,
    ...withoutStar(box.text),
    done: box.done,
    line: box.line,
    heading: headingText(headings.findLast(({ line }) => line < box.line)?.text ?? ""),
  }));
}

/** The star of a required item stands alone, at its beginning or end: those of emphasis come in pairs. */
function withoutStar(text: string): Pick<ChecklistItem, "text" | "required"> {
  if (/^\*[ \t]+\S/.test(text)) return { text: plain(text.slice(1)), required: true };
  const single = text.replaceAll(/\\\*|(\*{1,3})(?=\S)[^*]*[^*\s]\1/g, "");
  if (text.length > 1 && text.endsWith("*") && single.endsWith("*"))
    return { text: plain(text.slice(0, -1)), required: true };
  return { text: plain(text), required: false };
}

/** Texts of items are the same where only their spaces differ. */
export function plain(text: string): string {
  return text.trim().replaceAll(/\s+/g, " ");
}

/**
 * What of a checklist went back: a ticked item that is unticked or gone, a required one that is gone or required no
 * more. Items may be added. [TKT-04]
 * @param after null: the file is gone
 */
export function checklistProblems(before: string, after: string | null, file: string): TicketProblem[] {
  const now = after === null ? [] : checklistItems(after);
  const found: TicketProblem[] = [];
  const free = new Set(now);
  // Those that stay where they are first, so that one with the same text elsewhere does not stand for them.
  const was = checklistItems(before);
  const pairs = new Map<ChecklistItem, ChecklistItem>();
  for (const same of [isSamePlace, isSameText]) {
    for (const item of was) {
      if (pairs.has(item)) continue;
      const match = now.find((other) => free.has(other) && same(item, other));
      if (!match) continue;
      free.delete(match);
      pairs.set(item, match);
    }
  }
  for (const item of was) {
    const problem = wentBack(item, pairs.get(item));
    if (problem !== null) found.push({ file, key: "", column: 1, line: pairs.get(item)?.line ?? 1, ...problem });
  }
  return found;
}

function isSamePlace(a: ChecklistItem, b: ChecklistItem): boolean {
  return a.text === b.text && a.heading === b.heading;
}

function isSameText(a: ChecklistItem, b: ChecklistItem): boolean {
  return a.text === b.text;
}

type Found = Pick<TicketProblem, "found" | "expected" | "message">;

function wentBack(item: ChecklistItem, now: ChecklistItem | undefined): Found | null {
  const name = JSON.stringify(item.text);
  if (item.done && now === undefined) return say("nothing", "the ticked item", `${name} was ticked, and is gone`);
  if (item.done && now?.done === false) return say("[ ]", "[x]", `${name} was ticked, and is unticked`);
  if (item.required && now === undefined)
    return say("nothing", "the required item", `${name} is required, and is gone`);
  if (item.required && now?.required === false)
    return say("no star", "a star", `${name} is required, and has lost its star`);
  return null;
}

function say(found: string, expected: string, message: string): Found {
  return { found, expected, message };
}

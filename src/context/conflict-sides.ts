import { outline } from "../document/outline.ts";

/** The texts that a conflict-marked file stands for. */
export interface Sides {
  readonly ours: string;
  readonly theirs: string;
  /** Null where the markers do not tell it. */
  readonly base: string | null;
}

const START = /^<{7}(?:[ \t].*)?\r?\n?$/;
const BASE = /^\|{7}(?:[ \t].*)?\r?\n?$/;
const MIDDLE = /^={7}\r?\n?$/;
const END = /^>{7}(?:[ \t].*)?\r?\n?$/;

/**
 * Takes a file with the markers of a merge conflict apart.
 * @returns null where there are none, where they are not whole, and where a line of a side looks like a marker, such as
 * a heading that is underlined: then nobody can tell by the text which is which
 */
export function sidesOf(text: string): Sides | null {
  const sides = { ours: "", theirs: "", base: "" };
  let at: "both" | keyof typeof sides = "both";
  let found = 0;
  let based = 0;
  let doubtful = false;
  for (const { text: line, code } of markedLines(text)) {
    const marker = kindOf(line);
    const isLine = marker === "middle" || marker === "base";
    const isText = marker === null || (at === "both" && (isLine || (code && found === 0)));
    // Behind a conflict about a block of code nobody can tell what is code.
    doubtful ||= at !== "both" && code;
    if (isText) for (const side of at === "both" ? (["ours", "theirs", "base"] as const) : [at]) sides[side] += line;
    else if (marker === "start" && at === "both" && !code && !doubtful) {
      at = "ours";
      found += 1;
    } else if (marker === "base" && at === "ours") {
      at = "base";
      based += 1;
    } else if (marker === "middle" && (at === "ours" || at === "base")) at = "theirs";
    else if (marker === "end" && at === "theirs") at = "both";
    else return null;
  }
  if (found === 0 || at !== "both") return null;
  return { ...sides, base: based === found ? sides.base : null };
}

function kindOf(line: string): "start" | "base" | "middle" | "end" | null {
  if (START.test(line)) return "start";
  if (BASE.test(line)) return "base";
  if (MIDDLE.test(line)) return "middle";
  return END.test(line) ? "end" : null;
}

/** Where the first marker of a merge conflict stands; null where none does. One in a block of code is an example. */
export function conflictMarker(text: string): { readonly line: number; readonly marker: string } | null {
  // Nearly every text has none, and need not be told apart.
  if (!/^(?:<{7}|>{7})/m.test(text)) return null;
  let divided = false;
  for (const { text: line, line: at, code } of markedLines(text)) {
    const kind = kindOf(line);
    divided ||= kind === "middle";
    // Seven marks of a quotation alone end no conflict.
    if (!code && (kind === "start" || (kind === "end" && divided)))
      return { line: at, marker: line.trimEnd().slice(0, 40) };
  }
  return null;
}

/** How many conflicts begin in a text, in blocks of code too. */
export function conflictCount(text: string): number {
  return text.split("\n").filter((line) => START.test(line)).length;
}

/** The lines of a text, with those that are surely code: a block that is never closed may be a conflict's doing. */
function markedLines(text: string): { readonly text: string; readonly line: number; readonly code: boolean }[] {
  const { lines, openFence } = outline(text);
  const end = openFence === null ? lines.length : lines.findLastIndex(({ code }) => !code) + 1;
  return lines.map((line, at) => ({ ...line, code: line.code && at < end }));
}

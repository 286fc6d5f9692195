import { type LineChange, lineChanges } from "./line-diff.ts";

/** The outcome of a merge of texts. */
export interface TextMerge {
  /** What both sides changed; where they disagree, as `ours` has it. */
  readonly text: string;
  readonly conflicts: readonly TextConflict[];
}

/** Lines that both sides changed, each in its own way. Line ends are part of the texts; an empty one holds no line. */
export interface TextConflict {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
  /** Where it begins in `ours`, counted from 1; where `ours` has nothing there, the line before which it would stand. */
  readonly line: number;
}

/**
 * Merges the changes of both sides by line, as `git merge-file` does. Edits of different lines both count, the same edit
 * of both sides counts once. Edits that overlap are a conflict, and so are those that only touch: with no unchanged line
 * between them nobody can tell whether one was made in view of the other.
 *
 * A line ends after its line feed, so that a carriage return before it, or its absence at the end, is part of the line:
 * whoever changes it changed that line.
 */
export function mergeText(base: string, ours: string, theirs: string): TextMerge {
  const { text, conflicts } = mergeWithSides(base, ours, theirs);
  return { text, conflicts };
}

/** A merge of texts, with the whole as it would be with the lines of `base`, or of `theirs`, where they disagree. */
export interface SidedMerge extends TextMerge {
  readonly base: string;
  readonly theirs: string;
}

/** As {@link mergeText}. */
export function mergeWithSides(base: string, ours: string, theirs: string): SidedMerge {
  if (ours === theirs || theirs === base) return agreed(ours);
  if (ours === base) return agreed(theirs);
  const lines: Lines = { base: splitLines(base), ours: splitLines(ours), theirs: splitLines(theirs) };
  const text: string[] = [];
  const [before, after]: [string[], string[]] = [[], []];
  const conflicts: TextConflict[] = [];
  let at = 0;
  for (const region of regions(lineChanges(lines.base, lines.ours), lineChanges(lines.base, lines.theirs))) {
    for (const side of [text, before, after]) side.push(lines.base.slice(at, region.from).join(""));
    at = region.to;
    const mine = textOf(lines.ours, region, region.ours);
    const others = textOf(lines.theirs, region, region.theirs);
    if (mine === null || others === null || mine === others) {
      for (const side of [text, before, after]) side.push(mine ?? others ?? "");
      continue;
    }
    const was = lines.base.slice(region.from, region.to).join("");
    text.push(mine);
    before.push(was);
    after.push(others);
    const line = newRange(region, region.ours).from + 1;
    conflicts.push({ base: was, ours: mine, theirs: others, line });
  }
  const rest = lines.base.slice(at).join("");
  const whole = (side: readonly string[]): string => side.join("") + rest;
  return { text: whole(text), conflicts, base: whole(before), theirs: whole(after) };
}

function agreed(text: string): SidedMerge {
  return { text, conflicts: [], base: text, theirs: text };
}

interface Lines {
  readonly base: readonly string[];
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
}

/** Lines of the base that belong together because changes overlap or touch there, with the changes of each side. */
interface Region {
  readonly from: number;
  to: number;
  readonly ours: LineChange[];
  readonly theirs: LineChange[];
}

function regions(ours: readonly LineChange[], theirs: readonly LineChange[]): Region[] {
  const all = [
    ...ours.map((change) => ({ change, side: "ours" as const })),
    ...theirs.map((change) => ({ change, side: "theirs" as const })),
  ].sort((a, b) => a.change.from - b.change.from);
  const found: Region[] = [];
  for (const { change, side } of all) {
    let region = found.at(-1);
    if (!region || change.from > region.to) {
      region = { from: change.from, to: change.to, ours: [], theirs: [] };
      found.push(region);
    }
    region.to = Math.max(region.to, change.to);
    region[side].push(change);
  }
  return found;
}

/** What a side has in place of a region; null where it changed nothing there. */
function textOf(lines: readonly string[], region: Region, changes: readonly LineChange[]): string | null {
  if (changes.length === 0) return null;
  const { from, to } = newRange(region, changes);
  return lines.slice(from, to).join("");
}

function newRange(region: Region, changes: readonly LineChange[]): { from: number; to: number } {
  const [first, last] = [changes[0], changes.at(-1)];
  if (!first || !last) return region;
  return { from: first.newFrom - (first.from - region.from), to: last.newTo + (region.to - last.to) };
}

function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Where two texts differ, as conflicts whose base is not known. */
export function differences(ours: string, theirs: string): TextConflict[] {
  const [mine, others] = [splitLines(ours), splitLines(theirs)];
  return lineChanges(mine, others).map(({ from, to, newFrom, newTo }) => ({
    base: "",
    ours: mine.slice(from, to).join(""),
    theirs: others.slice(newFrom, newTo).join(""),
    line: from + 1,
  }));
}

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
 * @returns null where there are none, or where they are not whole
 */
export function sidesOf(text: string): Sides | null {
  const sides = { ours: "", theirs: "", base: "" };
  let at: "both" | keyof typeof sides = "both";
  let found = 0;
  let based = 0;
  for (const line of text.split(/(?<=\n)/)) {
    if (START.test(line)) {
      if (at !== "both") return null;
      at = "ours";
      found += 1;
    } else if (at === "ours" && BASE.test(line)) {
      at = "base";
      based += 1;
    } else if ((at === "ours" || at === "base") && MIDDLE.test(line)) at = "theirs";
    else if (at === "theirs" && END.test(line)) at = "both";
    else if (at !== "both") sides[at] += line;
    else for (const side of ["ours", "theirs", "base"] as const) sides[side] += line;
  }
  if (found === 0 || at !== "both") return null;
  return { ...sides, base: based === found ? sides.base : null };
}

/** Whether any marker of a merge conflict stands in a text. */
export function hasMarkers(text: string): boolean {
  return /^(?:<{7}|>{7})[ \t]/m.test(text);
}

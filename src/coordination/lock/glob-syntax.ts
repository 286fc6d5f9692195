import { BerthError } from "../../errors.ts";

/**
 * Globs as locks read them. `*` and `?` stay within one name, `**` as a whole name stands for any number of folders,
 * none included; `[a-z]` and `[!a-z]` are one character, `{a,b}` is either. Names that begin with a dot are names like
 * any other: a lock on `src/**` that left `src/.env` open would be none. There is no escape character (`\` is part of
 * names on most systems): `[*]` is a star.
 *
 * A class also stands for its own spelling: `app/[id]/*.tsx` covers the folder `[id]`, which some frameworks ask for,
 * before it is made as well as after.
 */

/** A piece of one name of a pattern. */
export type Atom =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "star"; readonly spelling: "*" }
  /** Always alone in its name. */
  | { readonly kind: "folders"; readonly spelling: "**" }
  | { readonly kind: "any"; readonly spelling: "?" }
  | CharacterClass;

/** Any number of folders. */
export const FOLDERS: Atom = { kind: "folders", spelling: "**" };

export interface CharacterClass {
  readonly kind: "class";
  readonly negated: boolean;
  /** First and last code point of each member. */
  readonly members: readonly (readonly [number, number])[];
  readonly spelling: string;
}

/** Patterns of one lock, braces written out. */
const MOST_ALTERNATIVES = 64;
/** Wildcards and classes of one lock, braces written out. Both numbers bound the time of `overlaps`. */
export const MOST_WILDCARDS = 128;

const SPECIAL = new Set(["*", "?", "[", "]", "{", "}", ","]);

/** Whether a text holds anything that a glob could mean. */
export function mayBeGlob(text: string): boolean {
  return /[*?[{]/.test(text);
}

/**
 * Writes braces out: `{a,b}c` is `ac` and `bc`. Braces without a comma are part of the name, as in a shell.
 * @throws BerthError INVALID when that makes more than `MOST_ALTERNATIVES`
 */
export function expandBraces(pattern: string): string[] {
  const group = firstGroup(pattern);
  if (!group) return [pattern];
  const rests = expandBraces(pattern.slice(group.end + 1));
  const expanded: string[] = [];
  for (const piece of group.pieces) {
    for (const inner of expandBraces(piece)) {
      if (expanded.length + rests.length > MOST_ALTERNATIVES) throw tooMany(pattern);
      expanded.push(...rests.map((rest) => pattern.slice(0, group.start) + inner + rest));
    }
  }
  return expanded;
}

function tooMany(pattern: string): BerthError {
  return new BerthError("INVALID", `The braces of ${JSON.stringify(pattern)} stand for too many patterns.`, {
    hint: `Write at most ${MOST_ALTERNATIVES} alternatives, or lock the folder.`,
    facts: { pattern, most: MOST_ALTERNATIVES },
  });
}

interface Group {
  readonly start: number;
  readonly end: number;
  readonly pieces: readonly string[];
}

function firstGroup(pattern: string): Group | null {
  // Braces that are never closed are looked at once, not once for each that opens before them.
  const lastClose = pattern.lastIndexOf("}");
  for (let at = 0; at < lastClose; at++) {
    if (pattern[at] === "[") at = Math.max(at, classEnd(pattern, at));
    else if (pattern[at] === "{") {
      const group = groupAt(pattern, at);
      if (group) return group;
    }
  }
  return null;
}

/** The group that opens at `start`, or null where the brace is never closed or holds no comma. */
function groupAt(pattern: string, start: number): Group | null {
  const pieces: string[] = [];
  let from = start + 1;
  let depth = 0;
  for (let at = start; at < pattern.length; at++) {
    const char = pattern[at];
    if (char === "[") at = Math.max(at, classEnd(pattern, at));
    else if (char === "{") depth++;
    else if (char === "," && depth === 1) {
      pieces.push(pattern.slice(from, at));
      from = at + 1;
    } else if (char === "}" && --depth === 0) {
      return pieces.length > 0 ? { start, end: at, pieces: [...pieces, pattern.slice(from, at)] } : null;
    }
  }
  return null;
}

/** Where the class that opens at `start` ends; -1 where the bracket is never closed within its name. */
function classEnd(text: string, start: number): number {
  let at = start + 1;
  if (text[at] === "!" || text[at] === "^") at++;
  if (text[at] === "]") at++;
  while (at < text.length && text[at] !== "]" && text[at] !== "/") at++;
  return text[at] === "]" ? at : -1;
}

/** Reads one name of a pattern, in which braces are written out and which holds no slash. */
export function parseName(name: string): Atom[] {
  if (name === "**") return [FOLDERS];
  const atoms: Atom[] = [];
  for (let at = 0; at < name.length; at++) {
    const char = name[at] ?? "";
    const end = char === "[" ? classEnd(name, at) : -1;
    if (char === "*") {
      if (atoms.at(-1)?.kind !== "star") atoms.push({ kind: "star", spelling: "*" });
    } else if (char === "?") atoms.push({ kind: "any", spelling: "?" });
    else if (end < 0) addText(atoms, char);
    else {
      const inside = name.slice(at + 1, end);
      if (SPECIAL.has(inside)) addText(atoms, inside);
      else atoms.push(readClass(inside));
      at = end;
    }
  }
  return atoms;
}

function addText(atoms: Atom[], text: string): void {
  const last = atoms.at(-1);
  if (last?.kind === "text") atoms[atoms.length - 1] = { kind: "text", text: last.text + text };
  else atoms.push({ kind: "text", text });
}

/** A range the wrong way round (`[user-id]`) has no members; the spelling is still covered. */
function readClass(inside: string): CharacterClass {
  const negated = /^[!^]/.test(inside);
  const chars = Array.from(negated ? inside.slice(1) : inside);
  const members: [number, number][] = [];
  for (let at = 0; at < chars.length; at++) {
    const low = chars[at]?.codePointAt(0) ?? 0;
    const isRange = chars[at + 1] === "-" && at + 2 < chars.length;
    const high = isRange ? (chars[at + 2]?.codePointAt(0) ?? 0) : low;
    if (isRange) at += 2;
    if (low <= high) members.push([low, high]);
  }
  return { kind: "class", negated, members, spelling: `[${inside}]` };
}

/** The text of a name that holds no wildcard; null where it holds one. */
export function plainName(atoms: readonly Atom[]): string | null {
  if (atoms.length > 1 || (atoms[0] && atoms[0].kind !== "text")) return null;
  return atoms[0]?.text ?? "";
}

/** Writes a name of a pattern so that `parseName` reads the same from it, alone and between braces. */
export function writeName(atoms: readonly Atom[], betweenBraces = false): string {
  const special = betweenBraces ? /[*?[{},]/g : /[*?[{]/g;
  return atoms.map((atom) => (atom.kind === "text" ? atom.text.replace(special, "[$&]") : atom.spelling)).join("");
}

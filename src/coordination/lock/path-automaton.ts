import { type FoldedCharacter, foldedCharacters, nameKey } from "./fold-name.ts";
import { type Atom, type CharacterClass, expandBraces, FOLDERS, parseName } from "./glob-syntax.ts";

/**
 * A set of paths as a machine that reads them: states with edges on sets of characters. Every name of a path is read
 * with a slash behind it, the last one too, so that each ends alike. State 0 is the start, state 1 the end.
 */
export type PathAutomaton = readonly State[];

interface State {
  /** Edges on one character, by rising code point: a state may have dozens where case is ignored. */
  readonly letters: readonly { readonly codePoint: number; readonly to: number }[];
  readonly sets: readonly { readonly on: CharacterSet; readonly to: number }[];
  /** States that are reached without reading anything. */
  readonly free: readonly number[];
}

/** Code points as first and last of each run, rising and apart. */
type CharacterSet = readonly (readonly [number, number])[];

const SLASH = 0x2f;
const LAST = 0x10ffff;
/** All that a wildcard stands for. */
const IN_NAME: CharacterSet = [
  [0, SLASH - 1],
  [SLASH + 1, LAST],
];

interface Drawing {
  readonly states: {
    letters: { codePoint: number; to: number }[];
    sets: { on: CharacterSet; to: number }[];
    free: number[];
  }[];
  readonly ignoreCase: boolean;
}

/**
 * The machine for a canonical pattern.
 * @throws BerthError INVALID when its braces stand for too much
 */
export function patternAutomaton(pattern: string, ignoreCase: boolean): PathAutomaton {
  return automaton(
    expandBraces(pattern).map((alternative) => alternative.split("/").map(parseName)),
    ignoreCase,
  );
}

/** The machine for one path; `below` takes in everything under it as well. */
export function plainAutomaton(path: string, ignoreCase: boolean, below: boolean): PathAutomaton {
  const names = path.split("/").map((text): Atom[] => [{ kind: "text", text }]);
  return automaton([below ? [...names, [FOLDERS]] : names], ignoreCase);
}

function automaton(alternatives: readonly (readonly (readonly Atom[])[])[], ignoreCase: boolean): PathAutomaton {
  const drawing: Drawing = { states: [], ignoreCase };
  const [start, end] = [state(drawing), state(drawing)];
  for (const names of alternatives) {
    let at = state(drawing);
    leap(drawing, start, at);
    for (const name of names) at = drawName(drawing, at, name);
    leap(drawing, at, end);
  }
  for (const { letters } of drawing.states) letters.sort((a, b) => a.codePoint - b.codePoint);
  return drawing.states;
}

function state(drawing: Drawing): number {
  return drawing.states.push({ letters: [], sets: [], free: [] }) - 1;
}

function leap(drawing: Drawing, from: number, to: number): void {
  drawing.states[from]?.free.push(to);
}

function letter(drawing: Drawing, from: number, codePoint: number, to: number): void {
  drawing.states[from]?.letters.push({ codePoint, to });
}

function edge(drawing: Drawing, from: number, on: CharacterSet, to: number): void {
  drawing.states[from]?.sets.push({ on, to });
}

/** Whole names, as many as there are. */
function drawFolders(drawing: Drawing, from: number): number {
  // A state of its own: `from` may be where another repetition comes back to.
  const between = state(drawing);
  const within = state(drawing);
  leap(drawing, from, between);
  edge(drawing, between, IN_NAME, within);
  edge(drawing, within, IN_NAME, within);
  letter(drawing, within, SLASH, between);
  return between;
}

function drawName(drawing: Drawing, from: number, atoms: readonly Atom[]): number {
  let at = from;
  for (const atom of atoms) {
    if (atom.kind === "folders") return drawFolders(drawing, from);
    const to = state(drawing);
    switch (atom.kind) {
      case "text":
        drawText(drawing, at, nameKey(atom.text, drawing.ignoreCase), to);
        break;
      case "star":
        leap(drawing, at, to);
        edge(drawing, to, IN_NAME, to);
        break;
      case "any":
        edge(drawing, at, IN_NAME, to);
        if (drawing.ignoreCase) drawTexts(drawing, at, longFoldings(foldedCharacters()), to);
        break;
      case "class":
        drawClass(drawing, at, atom, to);
        break;
    }
    at = to;
  }
  const end = state(drawing);
  letter(drawing, at, SLASH, end);
  return end;
}

function drawText(drawing: Drawing, from: number, text: string, to: number): void {
  let at = from;
  for (const char of text) {
    const next = state(drawing);
    letter(drawing, at, char.codePointAt(0) ?? 0, next);
    at = next;
  }
  leap(drawing, at, to);
}

/** Texts of two characters or more side by side, their common beginnings drawn once. */
function drawTexts(drawing: Drawing, from: number, texts: Iterable<string>, to: number): void {
  const drawn = new Map([["", from]]);
  for (const text of texts) {
    const chars = Array.from(text, (char) => char.codePointAt(0) ?? 0);
    let beginning = "";
    for (const [i, codePoint] of chars.entries()) {
      const at = drawn.get(beginning) ?? from;
      beginning += String.fromCodePoint(codePoint);
      if (i === chars.length - 1) letter(drawing, at, codePoint, to);
      else if (!drawn.has(beginning)) {
        const next = state(drawing);
        drawn.set(beginning, next);
        letter(drawing, at, codePoint, next);
      }
    }
  }
}

function drawClass(drawing: Drawing, from: number, atom: CharacterClass, to: number): void {
  const members = union(atom.members);
  // Where case is ignored, a class is asked about what the character becomes.
  const table = drawing.ignoreCase ? foldedCharacters() : [];
  const inside = table.filter(({ codePoint }) => holds(members, codePoint));
  const becoming = inside.filter(({ folded }) => Array.from(folded).length === 1).map(({ folded }) => single(folded));
  const gone = complement(union(inside.map(({ codePoint }): [number, number] => [codePoint, codePoint])));
  const meant = union([...common(members, gone), ...becoming]);
  edge(drawing, from, common(IN_NAME, atom.negated ? complement(meant) : meant), to);
  const long = longFoldings(inside);
  const texts = atom.negated ? [...longFoldings(table)].filter((text) => !long.has(text)) : [...long];
  drawTexts(drawing, from, texts, to);
  drawText(drawing, from, nameKey(atom.spelling, drawing.ignoreCase), to);
}

function single(char: string): [number, number] {
  const codePoint = char.codePointAt(0) ?? 0;
  return [codePoint, codePoint];
}

/** What characters become that become more than one: where case is ignored, `?` stands for `ß` and so for `ss`. */
function longFoldings(table: readonly FoldedCharacter[]): Set<string> {
  return new Set(table.map(({ folded }) => folded).filter((folded) => Array.from(folded).length > 1));
}

function union(ranges: readonly (readonly [number, number])[]): CharacterSet {
  const joined: [number, number][] = [];
  for (const [low, high] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else joined.push([low, high]);
  }
  return joined;
}

function complement(set: CharacterSet): CharacterSet {
  const gaps: [number, number][] = [];
  let next = 0;
  for (const [low, high] of set) {
    if (low > next) gaps.push([next, low - 1]);
    next = high + 1;
  }
  if (next <= LAST) gaps.push([next, LAST]);
  return gaps;
}

function common(a: CharacterSet, b: CharacterSet): CharacterSet {
  return complement(union([...complement(a), ...complement(b)]));
}

function holds(set: CharacterSet, codePoint: number): boolean {
  return set.some(([low, high]) => low <= codePoint && codePoint <= high);
}

function share(a: CharacterSet, b: CharacterSet): boolean {
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [x, y] = [a[i], b[j]];
    if (!x || !y) return false;
    if (x[0] <= y[1] && y[0] <= x[1]) return true;
    if (x[1] < y[1]) i++;
    else j++;
  }
  return false;
}

/**
 * Whether some path is read by both: a search through pairs of states, each visited once, so that no pattern costs more
 * than the product of both lengths.
 */
export function intersect(a: PathAutomaton, b: PathAutomaton): boolean {
  const seen = new Uint8Array(a.length * b.length);
  const open = [0];
  const visit = (p: number, q: number): void => {
    const pair = p * b.length + q;
    if (seen[pair] === 1) return;
    seen[pair] = 1;
    open.push(pair);
  };
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const [p, q] = [Math.floor(pair / b.length), pair % b.length];
    if (p === 1 && q === 1) return true;
    const [x, y] = [a[p], b[q]];
    if (!x || !y) continue;
    for (const next of x.free) visit(next, q);
    for (const next of y.free) visit(p, next);
    readTogether(x, y, visit);
  }
  return false;
}

/** Where both get to by reading one character. */
function readTogether(x: State, y: State, visit: (p: number, q: number) => void): void {
  for (const { on, to } of x.sets) {
    for (const other of y.sets) if (share(on, other.on)) visit(to, other.to);
    for (const other of y.letters) if (holds(on, other.codePoint)) visit(to, other.to);
  }
  for (const { on, to } of y.sets) {
    for (const other of x.letters) if (holds(on, other.codePoint)) visit(other.to, to);
  }
  let first = 0;
  for (const { codePoint, to } of x.letters) {
    while ((y.letters[first]?.codePoint ?? Infinity) < codePoint) first++;
    for (let i = first; y.letters[i]?.codePoint === codePoint; i++) visit(to, y.letters[i]?.to ?? 0);
  }
}

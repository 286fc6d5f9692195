import { longestIncreasing } from "./increasing.ts";

/** Lines `from` up to `to` (not included) of the old text became lines `newFrom` up to `newTo` of the new one. */
export interface LineChange {
  readonly from: number;
  readonly to: number;
  readonly newFrom: number;
  readonly newTo: number;
}

/**
 * What changed between two lists of lines, in order; two changes never touch. Lines that stand once on either side
 * hold the texts together (patience), Myers' algorithm does the rest. The same two texts always give the same changes.
 *
 * Where more than `mostEdits` lines changed between two such anchors, all of it counts as one change: longer than need
 * be, never wrong, and the time stays bounded.
 */
export function lineChanges(before: readonly string[], after: readonly string[]): LineChange[] {
  const numbers = new Map<string, number>();
  const number = (line: string): number => {
    const known = numbers.get(line) ?? numbers.size;
    if (known === numbers.size) numbers.set(line, known);
    return known;
  };
  const a = Int32Array.from(before, number);
  const b = Int32Array.from(after, number);
  const partner = new Int32Array(a.length).fill(-1);
  const open: Range[] = [{ a: 0, aEnd: a.length, b: 0, bEnd: b.length }];
  for (let range = open.pop(); range; range = open.pop()) {
    const rest = pairEnds(a, b, range, partner);
    if (rest.a === rest.aEnd || rest.b === rest.bEnd) continue;
    const anchors = uniquePairs(a, b, rest);
    if (anchors.length === 0) pairShortest(a, b, rest, partner);
    else for (const part of splitAt(rest, anchors, partner)) open.push(part);
  }
  return slid(changesOf(partner, b.length), a, b);
}

const mostEdits = 2000;

interface Range {
  readonly a: number;
  readonly aEnd: number;
  readonly b: number;
  readonly bEnd: number;
}

type Pair = readonly [a: number, b: number];

/** Pairs the equal lines at both ends; gives what is left between them. */
function pairEnds(a: Int32Array, b: Int32Array, range: Range, partner: Int32Array): Range {
  let { a: from, aEnd: to, b: newFrom, bEnd: newTo } = range;
  while (from < to && newFrom < newTo && a[from] === b[newFrom]) partner[from++] = newFrom++;
  while (from < to && newFrom < newTo && a[to - 1] === b[newTo - 1]) partner[--to] = --newTo;
  return { a: from, aEnd: to, b: newFrom, bEnd: newTo };
}

/** The lines that stand exactly once on either side, as many as keep their order. */
function uniquePairs(a: Int32Array, b: Int32Array, range: Range): Pair[] {
  const inB = places(b, range.b, range.bEnd);
  const pairs: Pair[] = [];
  for (const [line, at] of places(a, range.a, range.aEnd)) {
    const other = inB.get(line);
    if (at !== -1 && other !== undefined && other !== -1) pairs.push([at, other]);
  }
  // A map keeps the order of first insertion, and these were inserted once: they ascend in `a`.
  return longestIncreasing(pairs.map(([, at]) => at)).map((index) => pairs[index] ?? [0, 0]);
}

/** Where each line stands; -1 where it does more than once. */
function places(lines: Int32Array, from: number, to: number): Map<number, number> {
  const found = new Map<number, number>();
  for (let at = from; at < to; at++) {
    const line = lines[at] ?? -1;
    found.set(line, found.has(line) ? -1 : at);
  }
  return found;
}

function splitAt(range: Range, anchors: readonly Pair[], partner: Int32Array): Range[] {
  const parts: Range[] = [];
  let { a, b } = range;
  for (const [atA, atB] of anchors) {
    partner[atA] = atB;
    parts.push({ a, aEnd: atA, b, bEnd: atB });
    a = atA + 1;
    b = atB + 1;
  }
  parts.push({ a, aEnd: range.aEnd, b, bEnd: range.bEnd });
  return parts;
}

/** Myers' greedy search for the fewest edits; pairs nothing where they are more than `mostEdits`. */
function pairShortest(a: Int32Array, b: Int32Array, range: Range, partner: Int32Array): void {
  const length = range.aEnd - range.a;
  const newLength = range.bEnd - range.b;
  const limit = Math.min(length + newLength, mostEdits);
  // `reach[limit + k]` is how far in `a` the diagonal k (place in `a` minus place in `b`) has come.
  const reach = new Int32Array(2 * limit + 3);
  const history: Int32Array[] = [];
  for (let edits = 0; edits <= limit; edits++) {
    history.push(reach.slice(limit - edits, limit + edits + 3));
    for (let k = -edits; k <= edits; k += 2) {
      let x = nextReach(reach, limit + 1 + k, edits, k);
      while (x < length && x - k < newLength && a[range.a + x] === b[range.b + x - k]) x++;
      reach[limit + 1 + k] = x;
      if (x >= length && x - k >= newLength) {
        walkBack(history, range, partner);
        return;
      }
    }
  }
}

function nextReach(reach: Int32Array, at: number, edits: number, k: number): number {
  const below = reach[at - 1] ?? 0;
  const above = reach[at + 1] ?? 0;
  return k === -edits || (k !== edits && below < above) ? above : below + 1;
}

function walkBack(history: readonly Int32Array[], range: Range, partner: Int32Array): void {
  let x = range.aEnd - range.a;
  let y = range.bEnd - range.b;
  for (let edits = history.length - 1; edits >= 0; edits--) {
    const reach = history[edits] ?? new Int32Array();
    const k = x - y;
    const start = edits === 0 ? 0 : nextReach(reach, edits + 1 + k, edits, k);
    while (x > start && y > start - k) partner[range.a + --x] = range.b + --y;
    // The edit before these equal lines: a line of `b` came in, or a line of `a` went.
    const added = edits > 0 && (k === -edits || (k !== edits && (reach[edits + k] ?? 0) < (reach[edits + 2 + k] ?? 0)));
    if (added) y--;
    else x--;
  }
}

function changesOf(partner: Int32Array, newLength: number): LineChange[] {
  const changes: LineChange[] = [];
  let from = 0;
  let newFrom = 0;
  for (let at = 0; at <= partner.length; at++) {
    const other = at === partner.length ? newLength : (partner[at] ?? -1);
    if (other === -1) continue;
    if (at > from || other > newFrom) changes.push({ from, to: at, newFrom, newTo: other });
    from = at + 1;
    newFrom = other + 1;
  }
  return changes;
}

/**
 * Moves lines that only came or only went as far down as equal lines allow, as git does: of several equal lines both
 * sides then take the same one. A change never comes to touch the next one.
 */
function slid(changes: readonly LineChange[], a: Int32Array, b: Int32Array): LineChange[] {
  const moved: LineChange[] = [];
  let end = a.length + 1;
  for (const change of changes.toReversed()) {
    const { from, to, newFrom, newTo } = change;
    let by = 0;
    if (from === to) while (to + by + 1 < end && b[newFrom + by] === b[newTo + by]) by++;
    else if (newFrom === newTo) while (to + by + 1 < end && a[from + by] === a[to + by]) by++;
    moved.push({ from: from + by, to: to + by, newFrom: newFrom + by, newTo: newTo + by });
    end = from + by;
  }
  return moved.reverse();
}

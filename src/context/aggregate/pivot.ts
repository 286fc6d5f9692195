import type { Oid } from "../../git/names.ts";

/** A ticket's folder, or a context's file. Rows are lines of text: only those that are shown are parsed. */
export interface Remembered {
  readonly object: Oid;
  /** Empty where it was not read yet. */
  row: string;
}

/** Whether a ticket may be one that is asked for. */
export type Wants = (name: string, row: string) => boolean;

type Match = readonly [name: string, known: Remembered];

/** The tickets of one folder, which others are compared with. Of thousands most are never asked for. */
export interface Pivot {
  /** Null where there are no tickets at all. */
  readonly tree: Oid | null;
  readonly size: number;
  readonly get: (name: string) => Remembered | undefined;
  readonly all: () => ReadonlyMap<string, Remembered>;
  /**
   * What is asked for, and what was not read yet. The same question is answered once.
   * @param others names of tickets that will be got
   */
  readonly matching: (wants: Wants, others: ReadonlySet<string>) => readonly Match[];
}

export function pivotOf(tree: Oid | null, tickets: ReadonlyMap<string, Remembered>): Pivot {
  return {
    tree,
    size: tickets.size,
    get: (name) => tickets.get(name),
    all: () => tickets,
    matching: (wants) => [...tickets].filter(([name, { row }]) => row === "" || wants(name, row)),
  };
}

/** A pivot as lines of text: the tree and the number of tickets, then name, folder and row of each. */
export function printPivot({ tree, size, all }: Pivot): string {
  return [`${tree ?? ""}\t${size}`, ...[...all()].map(([name, known]) => printRemembered(name, known))].join("\n");
}

/** So many single lines are looked for in the text; who needs more gets all of them. */
const MOST_MISSED = 8;

/** As `printPivot` wrote it; the lines are read as they are asked for. */
export function readPivot(text: string): Pivot {
  const [tree = "", size = ""] = text.slice(0, lineEnd(text, 0)).split("\t");
  // What was given out may have been written to: of each there is one.
  const found = new Map<string, Remembered>();
  const lookedFor = new Set<string>();
  let missed = 0;
  let last: { readonly wants: Wants; readonly matches: readonly Match[] } | undefined;
  const read = (name: string, start: number, end: number): Remembered => {
    const known = found.get(name) ?? readRemembered(text.slice(start, end))[1];
    found.set(name, known);
    return known;
  };
  const all = (): ReadonlyMap<string, Remembered> => {
    const whole = new Map<string, Remembered>();
    eachLine(text, (name, start, end) => void whole.set(name, read(name, start, end)));
    return whole;
  };
  const find = (name: string): Remembered | undefined => {
    const start = text.indexOf(`\n${name}\t`) + 1;
    return start === 0 ? undefined : read(name, start, lineEnd(text, start));
  };
  return {
    tree: tree === "" ? null : (tree as Oid),
    size: Number(size),
    get: (name) => {
      if (found.has(name) || lookedFor.has(name)) return found.get(name);
      lookedFor.add(name);
      missed += 1;
      if (missed < MOST_MISSED) return find(name);
      if (missed === MOST_MISSED) all();
      return found.get(name);
    },
    all,
    matching: (wants, others) => {
      if (last?.wants === wants) return last.matches;
      const matches: Match[] = [];
      eachLine(text, (name, start, end) => {
        const row = text.slice(text.indexOf("\t", start + name.length + 1) + 1, end);
        if (row === "" || wants(name, row)) matches.push([name, read(name, start, end)]);
        else if (others.has(name)) read(name, start, end);
      });
      for (const name of others) lookedFor.add(name);
      last = { wants, matches };
      return matches;
    },
  };
}

/** The lines of tickets, behind the first one. */
function eachLine(text: string, visit: (name: string, start: number, end: number) => void): void {
  for (let start = lineEnd(text, 0) + 1; start < text.length;) {
    const end = lineEnd(text, start);
    visit(text.slice(start, text.indexOf("\t", start)), start, end);
    start = end + 1;
  }
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

export function printRemembered(name: string, { object, row }: Remembered): string {
  return `${name}\t${object}\t${row}`;
}

export function readRemembered(line: string): [name: string, Remembered] {
  const first = line.indexOf("\t");
  const second = line.indexOf("\t", first + 1);
  return [line.slice(0, first), { object: line.slice(first + 1, second) as Oid, row: line.slice(second + 1) }];
}

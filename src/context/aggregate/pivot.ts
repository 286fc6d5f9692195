import type { Oid } from "../../git/names.ts";

/** A ticket's folder, or a context's file. Rows are lines of text: only those that are shown are parsed. */
export interface Remembered {
  readonly object: Oid;
  /** Empty where it was not read yet. */
  row: string;
}

/** The tickets of one folder, which others are compared with. Of thousands most are never asked for. */
export interface Pivot {
  /** Null where there are no tickets at all. */
  readonly tree: Oid | null;
  readonly size: number;
  readonly get: (name: string) => Remembered | undefined;
  readonly all: () => ReadonlyMap<string, Remembered>;
  /** @param visit is given the row; `known` makes it an object that may be kept */
  readonly each: (visit: (name: string, row: string, known: () => Remembered) => void) => void;
}

export function pivotOf(tree: Oid | null, tickets: ReadonlyMap<string, Remembered>): Pivot {
  return {
    tree,
    size: tickets.size,
    get: (name) => tickets.get(name),
    all: () => tickets,
    each: (visit) => {
      for (const [name, known] of tickets) visit(name, known.row, () => known);
    },
  };
}

/** A pivot as lines of text: the tree and the number of tickets, then name, folder and row of each. */
export function printPivot({ tree, size, all }: Pivot): string {
  return [`${tree ?? ""}\t${size}`, ...[...all()].map(([name, known]) => printRemembered(name, known))].join("\n");
}

/** As `printPivot` wrote it; the lines are read as they are asked for. */
export function readPivot(text: string): Pivot {
  const [tree = "", size = ""] = text.slice(0, lineEnd(text, 0)).split("\t");
  const found = new Map<string, Remembered>();
  let whole: ReadonlyMap<string, Remembered> | undefined;
  // What was given out already may have been written to.
  const all = (): ReadonlyMap<string, Remembered> =>
    (whole ??= new Map([...text.split("\n").slice(1).map(readRemembered), ...found]));
  return {
    tree: tree === "" ? null : (tree as Oid),
    size: Number(size),
    get: (name) => found.get(name) ?? all().get(name),
    all,
    each: (visit) => {
      let at = lineEnd(text, 0) + 1;
      while (at < text.length) {
        const end = lineEnd(text, at);
        const first = text.indexOf("\t", at);
        const name = text.slice(at, first);
        const line = [at, end] as const;
        visit(name, text.slice(text.indexOf("\t", first + 1) + 1, end), () => {
          const known = whole?.get(name) ?? found.get(name) ?? readRemembered(text.slice(...line))[1];
          found.set(name, known);
          return known;
        });
        at = end + 1;
      }
    },
  };
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

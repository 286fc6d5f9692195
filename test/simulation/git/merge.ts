import { mergeText } from "../../../src/document/merge-text.ts";
import { mergeBases } from "./history.ts";
import { commitOf, type Entry, filesOf, get, type Objects, put, treeWith } from "./objects.ts";

export interface Merged {
  readonly tree: string;
  readonly conflicts: readonly {
    readonly path: string;
    readonly kind: string;
    readonly stages: readonly (Entry | null)[];
  }[];
}

/** Merges two commits from their merge base, file by file and within files line by line, without renames. */
export function mergeCommits(objects: Objects, ours: string, theirs: string): Merged {
  const [base] = mergeBases(objects, ours, theirs);
  const files = (commit: string): Map<string, Entry> => filesOf(objects, commitOf(objects, commit).tree);
  const sides = [base === undefined ? new Map<string, Entry>() : files(base), files(ours), files(theirs)] as const;
  const merged = new Map<string, Entry>();
  const conflicts: Merged["conflicts"][number][] = [];
  for (const path of new Set(sides.flatMap((side) => [...side.keys()]))) {
    const [from, own, their] = sides.map((side) => side.get(path) ?? null) as [
      Entry | null,
      Entry | null,
      Entry | null,
    ];
    const found = mergeEntry(objects, from, own, their);
    if (found.entry) merged.set(path, found.entry);
    if (found.kind !== null) conflicts.push({ path, kind: found.kind, stages: [from, own, their] });
  }
  return { tree: treeWith(objects, merged), conflicts };
}

function mergeEntry(
  objects: Objects,
  base: Entry | null,
  ours: Entry | null,
  theirs: Entry | null,
): { readonly entry: Entry | null; readonly kind: string | null } {
  if (same(ours, theirs) || same(base, theirs)) return { entry: ours, kind: null };
  if (same(base, ours)) return { entry: theirs, kind: null };
  if (!ours || !theirs) return { entry: ours ?? theirs, kind: "modify/delete" };
  const text = (entry: Entry | null): string => (entry ? get(objects, entry.oid, "blob").data.toString("utf8") : "");
  const merged = mergeText(text(base), text(ours), text(theirs));
  const oid = put(objects, "blob", Buffer.from(merged.text));
  return {
    entry: { mode: ours.mode, oid },
    kind: merged.conflicts.length > 0 ? (base ? "contents" : "add/add") : null,
  };
}

function same(a: Entry | null, b: Entry | null): boolean {
  return a === null || b === null ? a === b : a.oid === b.oid && a.mode === b.mode;
}

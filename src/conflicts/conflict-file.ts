import { enclosingFunction } from "../document/enclosing-function.ts";
import { mergeText } from "../document/merge-text.ts";
import type { UnmergedPath } from "../git/merge-many.ts";
import type { ObjectReader } from "../git/objects.ts";
import type { Mode, TreeEntry } from "../git/tree.ts";

/** Lines of one side. Where it has none there, `from` is the line before which they would stand, and `to` one less. */
export interface SideLines {
  /** Counted from 1, in that side's file. */
  readonly from: number;
  readonly to: number;
  /** The lines themselves, cut where they are many. */
  readonly text: string;
}

/** Lines that both changed, each in its own way. */
export interface Hunk {
  /** What stands around them: `login()`; null where nothing is found. */
  readonly function: string | null;
  readonly base: string;
  readonly a: SideLines;
  readonly b: SideLines;
}

/** A file that git could not merge. */
export interface ConflictFile {
  readonly path: string;
  /**
   * `content`, `modify/delete`, `add/add`, `mode`, `binary`, `symlink`, `submodule`, `distinct types`, or what else git
   * calls it: `rename/rename`, `rename/delete`, `file/directory`.
   */
  readonly kind: string;
  /** Whose side the file is gone in; null where neither or both. */
  readonly deletedBy: "a" | "b" | null;
  readonly hunks: readonly Hunk[];
}

const MOST_FILES = 200;
const MOST_HUNKS = 50;
const MOST_TEXT = 2000;
/** Texts beyond this are named without their lines. */
const MOST_BYTES = 2_000_000;

/** The conflicts of a pair as others are shown them. @param ignored whether a path is not to be told of */
export async function conflictFiles(
  objects: ObjectReader,
  unmerged: readonly UnmergedPath[],
  ignored: (path: string) => boolean,
): Promise<ConflictFile[]> {
  const wanted = unmerged.filter(({ path }) => !ignored(path));
  const files: ConflictFile[] = [];
  for (const [at, path] of wanted.entries())
    files.push(await conflictFile(objects, path, at < MOST_FILES ? MOST_HUNKS : 0));
  return files.sort((x, y) => (x.path < y.path ? -1 : 1));
}

async function conflictFile(objects: ObjectReader, unmerged: UnmergedPath, most: number): Promise<ConflictFile> {
  const { path, base, ours, theirs } = unmerged;
  const deletedBy = ours !== null && theirs === null ? "b" : ours === null && theirs !== null ? "a" : null;
  const known = { path: pathText(path), deletedBy } as const;
  const kind = kindOf(unmerged);
  if ((kind !== "content" && kind !== "add/add") || most === 0) return { ...known, kind, hunks: [] };
  const [was, mine, others] = await Promise.all([base, ours, theirs].map((entry) => textAt(objects, entry)));
  if (mine === BINARY || others === BINARY || was === BINARY) return { ...known, kind: "binary", hunks: [] };
  if (typeof mine !== "string" || typeof others !== "string") return { ...known, kind, hunks: [] };
  return { ...known, kind, hunks: hunksOf(typeof was === "string" ? was : "", mine, others).slice(0, most) };
}

/** By what stands there, which is the same with every git; by git's own word where that does not tell. */
function kindOf({ base, ours, theirs, kind }: UnmergedPath): string {
  if (kind === "binary") return kind;
  if (ours && theirs) {
    const [a, b] = [sortOf(ours.mode), sortOf(theirs.mode)];
    if (a !== b) return "distinct types";
    if (a !== "file") return a;
    if (ours.oid === theirs.oid) return "mode";
    return kind?.startsWith("rename") ? kind : base ? "content" : "add/add";
  }
  if (kind !== null && kind !== "contents") return kind;
  return base && (ours || theirs) ? "modify/delete" : "content";
}

function sortOf(mode: Mode): "file" | "symlink" | "submodule" {
  if (mode === "120000") return "symlink";
  return mode === "160000" ? "submodule" : "file";
}

const BINARY = Symbol("binary");

/** The text of a file; null where there is none, or where it is too long to be shown. */
async function textAt(objects: ObjectReader, entry: TreeEntry | null): Promise<string | null | typeof BINARY> {
  const found = entry === null ? null : await objects.read(entry.oid);
  if (found?.type !== "blob") return null;
  if (found.data.subarray(0, 8000).includes(0)) return BINARY;
  return found.data.length > MOST_BYTES ? null : found.data.toString("utf8");
}

/** Where the texts cannot be merged, in lines of either. */
function hunksOf(base: string, a: string, b: string): Hunk[] {
  const [fromA, fromB] = [mergeText(base, a, b).conflicts, mergeText(base, b, a).conflicts];
  const lines = a.split("\n");
  return fromA.map((conflict, at) => {
    const mine = sideLines(conflict.line, conflict.ours);
    const around = enclosingFunction(lines, mine.from) ?? enclosingFunction(lines, mine.to);
    const others = sideLines(fromB[at]?.line ?? 1, conflict.theirs);
    return { function: around, base: cut(conflict.base), a: mine, b: others };
  });
}

function sideLines(from: number, text: string): SideLines {
  const count = text === "" ? 0 : text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  return { from, to: from + count - 1, text: cut(text) };
}

function cut(text: string): string {
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;
}

/** A name as text; one that is not UTF-8 as git quotes it, so that two names never look the same. */
function pathText(path: string): string {
  const bytes = Buffer.from(path, "latin1");
  const text = bytes.toString("utf8");
  if (Buffer.from(text, "utf8").equals(bytes)) return text;
  const quoted = path.replaceAll(/[\\"]/g, String.raw`\$&`);
  return `"${quoted.replaceAll(/[^ -~]/g, (byte) => `\\${byte.charCodeAt(0).toString(8).padStart(3, "0")}`)}"`;
}

import { chmodSync, existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileEntry, type Index, loadIndex, same, saveIndex } from "./index.ts";
import { commitOf, type Entry, filesOf, get, type Objects } from "./objects.ts";
import { Refusal } from "./repository.ts";

export interface Checkout {
  readonly objects: Objects;
  readonly top: string;
  readonly index: string;
  /** Gives what was written the time of the model. */
  readonly touch: (file: string) => void;
}

/** Files of a commit or tree. */
export function filesAt(objects: Objects, name: string): Map<string, Entry> {
  return filesOf(objects, objects.get(name)?.type === "commit" ? commitOf(objects, name).tree : name);
}

/**
 * Brings index and files from one tree to another: files that nobody edited follow, others stay where both trees have
 * the same. `update` false leaves the files alone, `dry` everything.
 * @throws Refusal where an edit is in the way
 */
export function bringTo(
  at: Checkout,
  from: ReadonlyMap<string, Entry> | null,
  to: ReadonlyMap<string, Entry>,
  options: { readonly update: boolean; readonly dry?: boolean },
): void {
  const index = loadIndex(at.index);
  const base = from ?? index;
  const changed = [...new Set([...base.keys(), ...to.keys(), ...(from ? [] : index.keys())])].filter(
    (path) => !same(base.get(path), to.get(path)) || (!from && !index.has(path)),
  );
  const work: [string, Entry | null][] = [];
  for (const path of changed) {
    const [staged, wanted] = [index.get(path), to.get(path) ?? null];
    if (from && same(staged, wanted)) continue;
    if (from && !same(staged, base.get(path))) throw inTheWay(path);
    if (options.update && !mayWrite(at.top, path, staged ?? null, wanted)) throw inTheWay(path);
    work.push([path, wanted]);
  }
  if (options.dry) return;
  for (const [path, wanted] of work) {
    if (options.update) writeFileOf(at, path, wanted);
    if (wanted) index.set(path, wanted);
    else index.delete(path);
  }
  saveIndex(at.index, index);
}

function mayWrite(top: string, path: string, staged: Entry | null, wanted: Entry | null): boolean {
  const there = fileEntry(top, path);
  return there === null || there.oid === staged?.oid || there.oid === wanted?.oid;
}

function inTheWay(path: string): Refusal {
  return new Refusal(`error: Entry '${path}' not uptodate. Cannot merge.`);
}

/** Writes a file of the checkout, or removes it with the folders that are empty without it. */
export function writeFileOf({ objects, top, touch }: Omit<Checkout, "index">, path: string, entry: Entry | null): void {
  const file = join(top, Buffer.from(path, "latin1").toString("utf8"));
  if (entry) {
    mkdirSync(dirname(file), { recursive: true });
    if (fileEntry(top, path)?.oid === entry.oid) return;
    rmSync(file, { force: true });
    writeFileSync(file, get(objects, entry.oid, "blob").data);
    if (entry.mode === "100755") chmodSync(file, 0o755);
    touch(file);
    return;
  }
  rmSync(file, { force: true });
  for (let folder = dirname(file); folder !== top; folder = dirname(folder)) {
    if (!existsSync(folder)) continue;
    if (readdirSync(folder).length > 0) break;
    rmdirSync(folder);
  }
}

/** Where files of the checkout differ from the index. */
export function changedFiles(top: string, index: Index): Map<string, Entry | null> {
  const found = new Map<string, Entry | null>();
  for (const [path, entry] of index) {
    const there = fileEntry(top, path);
    if (!same(there, entry)) found.set(path, there);
  }
  return found;
}

import { lstat, readFile, readlink } from "node:fs/promises";
import { type Oid, oid } from "../git/names.ts";
import { type Git, run } from "../git/run.ts";
import { type NewObject, type ObjectFormat, objectOf, writeObjects } from "../git/write-objects.ts";
import type { KeptFile } from "./manifest.ts";
import { see, type Seen } from "./look.ts";
import { pathIn, textOf } from "./path-text.ts";

/** Files of more bytes are given to git by name, and never held in memory. */
const LARGE = 16 * 1024 * 1024;
/** So many bytes are held before they are written. */
const BATCH = 64 * 1024 * 1024;
/** How often a file is read again that changes while it is read. */
const TRIES = 5;

/** What was stored, and what is still to be written. */
export interface Stored {
  readonly files: readonly KeptFile[];
  /** Paths, as texts, that did not stop changing. */
  readonly unsteady: readonly string[];
  readonly objects: readonly NewObject[];
}

/**
 * Stores files exactly as they are on the disk. A file that changes meanwhile is read again, so that no mixture of two
 * versions is kept; of one that does not stop changing, as a log may, the last reading is. One that has gone meanwhile
 * is left out.
 */
export async function storeFiles(
  { git, dir }: { readonly git: Git; readonly dir: string },
  format: ObjectFormat,
  seen: readonly Seen[],
): Promise<Stored> {
  const files: KeptFile[] = [];
  const unsteady: string[] = [];
  let objects: NewObject[] = [];
  let held = 0;
  for (const one of seen) {
    const stored = await storeOne(git, dir, format, one);
    if (!stored) continue;
    const { path, mode, permissions, size } = stored.seen;
    files.push({ path: textOf(path), mode, permissions, size, oid: stored.oid });
    if (!stored.steady) unsteady.push(textOf(path));
    if (!stored.object) continue;
    objects.push(stored.object);
    held += stored.object.data.length;
    if (held < BATCH) continue;
    await writeObjects(git, format, objects);
    [objects, held] = [[], 0];
  }
  return { files, unsteady, objects };
}

type One = {
  readonly seen: Seen;
  readonly oid: Oid;
  readonly object: NewObject | null;
  readonly steady: boolean;
};

async function storeOne(git: Git, dir: string, format: ObjectFormat, first: Seen): Promise<One | null> {
  let seen: Seen | null = first;
  let last: One | null = null;
  for (let tries = 0; tries < TRIES && seen; tries++) {
    const read = await readOne(git, dir, format, seen);
    const after: Seen | null = await see(dir, seen.path);
    const steady = after?.stamp === seen.stamp;
    if (read) last = { seen, ...read, steady };
    if (read && steady) return last;
    seen = after;
  }
  return seen && last;
}

async function readOne(
  git: Git,
  dir: string,
  format: ObjectFormat,
  { path, mode, size }: Seen,
): Promise<{ oid: Oid; object: NewObject | null } | null> {
  const named = textOf(path);
  if (mode !== "120000" && size > LARGE && !named.startsWith("\0")) {
    const said = await run(git, ["hash-object", "-w", "--no-filters", "--", named], { dir, accept: [128] });
    return said.code === 0 ? { oid: oid(said.stdout.toString("utf8").trim()), object: null } : null;
  }
  const data = await readBytes(dir, path, mode);
  if (data === null) return null;
  const object = objectOf(format, "blob", data);
  return { oid: object.oid, object };
}

/** The bytes of a file, or where a link leads; null when it is not there. */
export async function readBytes(dir: string, path: string, mode: string): Promise<Buffer | null> {
  const file = pathIn(dir, path);
  try {
    return mode === "120000" ? await readlink(file, { encoding: "buffer" }) : await readFile(file);
  } catch (error) {
    if (await lstat(file).catch(() => null)) throw error;
    return null;
  }
}

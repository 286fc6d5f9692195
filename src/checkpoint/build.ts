import { isoSeconds, unixSeconds } from "../clock.ts";
import { BerthError } from "../errors.ts";
import type { Oid } from "../git/names.ts";
import type { ObjectReader } from "../git/objects.ts";
import { editTreeInto, type Tree, type TreeEntry } from "../git/tree.ts";
import { commitObject, type NewObject, objectOf, type ObjectFormat, treeObject } from "../git/write-objects.ts";
import type { Project } from "../project.ts";
import type { Look } from "./look.ts";
import { type KeptFile, type Manifest, PART } from "./manifest.ts";
import { namedObjects } from "./operation.ts";
import { bytesOf, textOf } from "./path-text.ts";
import { storeFiles } from "./store-files.ts";

/** A workspace of which a checkpoint is taken. */
export interface Subject {
  readonly dir: string;
  readonly gitDir: string;
  readonly session: string;
  readonly clone: boolean;
}

/** The kind of object names that one of them is of. */
export function formatOf(name: Oid): ObjectFormat {
  return name.length === 64 ? "sha256" : "sha1";
}

/** What is said of a checkpoint besides what was seen. */
export interface Telling {
  readonly message: string;
  readonly state: unknown;
}

/** A checkpoint as objects: nothing names them, and only large files are written yet. */
export interface Built {
  readonly commit: Oid;
  readonly manifest: Manifest;
  readonly objects: readonly NewObject[];
}

/**
 * Makes the objects of a checkpoint from what was seen.
 * @param objects of the workspace's own repository
 */
export async function buildCheckpoint(
  project: Project,
  objects: ObjectReader,
  subject: Subject,
  look: Look,
  telling: Telling,
): Promise<Built> {
  const format = formatOf(look.head);
  const now = project.clock.now();
  const stored = await storeFiles({ git: { ...project.git, dir: subject.dir }, dir: subject.dir }, format, look.files);
  const added: NewObject[] = [...stored.objects];
  const add = (object: NewObject): Oid => {
    added.push(object);
    return object.oid;
  };
  const write = (entries: Tree): Oid => add(treeObject(format, entries));
  const trees = await treesOf(objects, look, stored.files, write);
  const operation = [...look.operation, ...(look.shared ? [look.shared] : [])].map(({ path, data }) => ({
    path,
    oid: add(objectOf(format, "blob", data)),
  }));
  const index = look.index === null ? null : objectOf(format, "blob", look.index.bytes);
  if (index && !(await objects.stat(index.oid))) add(index);
  const noted = { session: subject.session, agent: project.caller.name, at: isoSeconds(now) };
  const indexed = index && look.index ? { oid: index.oid, size: index.data.length, mtimeMs: look.index.mtimeMs } : null;
  const { message, state } = telling;
  const manifest = {
    ...describe(look, stored.files),
    unsteady: stored.unsteady,
    heldBack: [],
    ...noted,
    ...trees,
    message,
    state,
    operation,
    index: indexed,
  };
  const text = add(objectOf(format, "blob", Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`)));
  const common = { author: project.caller, seconds: unixSeconds(now) };
  const label = `[${subject.session}] checkpoint`;
  const kept = await alsoKept(objects, look);
  const meta = add(
    commitObject(format, {
      ...common,
      tree: await editTreeInto(objects, null, partsOf(manifest, text, kept), write),
      parents: kept.filter(({ type }) => type === "commit").map(({ oid }) => oid),
      message: `${label}: index, manifest and what was under way\n`,
    }),
  );
  const body = `${label}: ${message}\n\nThe files on top of ${look.head}.\n`;
  const plan = { ...common, tree: trees.tree, parents: [look.head, meta], message: body };
  return { commit: add(commitObject(format, plan)), manifest, objects: added };
}

type Described = Pick<Manifest, "version" | "head" | "branch" | "changed" | "files" | "gone" | "folders" | "nested">;

function describe(look: Look, files: readonly KeptFile[]): Described {
  const gone = look.gone.map(textOf);
  const stored = new Map(files.map(({ path, mode, oid }) => [path, `${mode} ${oid}`]));
  const own = look.files
    .map(({ path }) => ({ path, text: textOf(path) }))
    .filter(({ path, text }) => !look.converted.has(path) && look.indexed.get(path) !== stored.get(text))
    .map(({ text }) => text);
  return {
    version: 1,
    head: look.head,
    branch: look.branch,
    changed: new Set([...own, ...gone, ...look.staged.map(textOf)]).size,
    files,
    gone,
    folders: look.folders.map(textOf),
    nested: look.nested,
  };
}

/** The files of the second parent. */
export function partsOf(manifest: Manifest, text: Oid, kept: readonly Kept[]): Map<string, TreeEntry> {
  const { index, staged, operation } = manifest;
  return new Map<string, TreeEntry>([
    [PART.manifest, { mode: "100644", oid: text }],
    [PART.staged, { mode: "040000", oid: staged }],
    ...(index ? [[PART.index, { mode: "100644", oid: index.oid }] as const] : []),
    ...operation.map((file) => [`${PART.operation}/${file.path}`, { mode: "100644", oid: file.oid }] as const),
    ...kept
      .filter(({ type }) => type !== "commit")
      .map(({ oid, type }) => [`${PART.kept}/${oid}`, { mode: type === "tree" ? "040000" : "100644", oid }] as const),
  ]);
}

/** An object that is kept for itself. */
export type Kept = { readonly oid: Oid; readonly type: string };

/** The tree of what is staged, and the tree of the files as they are on the disk. */
async function treesOf(
  objects: ObjectReader,
  look: Look,
  files: readonly KeptFile[],
  write: (entries: Tree) => Oid,
): Promise<{ tree: Oid; staged: Oid }> {
  const { tree: base } = await headTree(objects, look.head);
  const wanted = new Set(look.staged);
  const stagedEdits = new Map<string, TreeEntry | null>([...wanted].map((path) => [path, null]));
  const inIndex: [string, TreeEntry][] = [];
  for (const { path, stage, mode, oid, intended } of wanted.size === 0 ? [] : look.entries.all())
    if (stage === 0 && !intended && wanted.has(path)) inIndex.push([path, { mode, oid }]);
  for (const [path, entry] of inIndex) {
    // A folder that became a file, or the reverse: what goes is said before what comes.
    stagedEdits.delete(path);
    stagedEdits.set(path, entry);
  }
  const staged = wanted.size === 0 ? base : await editTreeInto(objects, base, stagedEdits, write);
  const edits = new Map<string, TreeEntry | null>([...stagedEdits, ...look.gone.map((path) => [path, null] as const)]);
  for (const { path, mode, oid } of files) {
    const bytes = bytesOf(path);
    edits.delete(bytes);
    edits.set(bytes, { mode, oid });
  }
  // Both start from the commit: folders of the first one are not written yet.
  return { staged, tree: edits.size === 0 ? base : await editTreeInto(objects, base, edits, write) };
}

async function headTree(objects: ObjectReader, head: Oid): Promise<{ tree: Oid }> {
  const found = await objects.stat(`${head}^{tree}`);
  if (found) return { tree: found.oid };
  throw new BerthError("UNREADABLE", `The commit ${head} cannot be read.`, { hint: "See: berth doctor" });
}

/** What would become unreachable although index or operation still need it: all stages of conflicts, and named objects. */
async function alsoKept(objects: ObjectReader, look: Look): Promise<Kept[]> {
  const names = new Set<string>(namedObjects(look.operation));
  for (const { stage, mode, oid } of look.entries.notable) if (stage > 0 && mode !== "160000") names.add(oid);
  const found: Kept[] = [];
  for (const name of names) {
    const object = await objects.stat(name);
    if (object) found.push(object);
  }
  return found;
}

import { BerthError } from "../errors.ts";
import type { Oid } from "./names.ts";
import { oid } from "./names.ts";
import type { ObjectReader } from "./objects.ts";
import { type Git, GitError, spawnGit } from "./run.ts";

export type Mode = "100644" | "100755" | "120000" | "160000" | "040000";

export interface TreeEntry {
  readonly mode: Mode;
  readonly oid: Oid;
}

/** A folder as git stores it: names to entries, in git's order. */
export type Tree = ReadonlyMap<string, TreeEntry>;

/**
 * Paths to what shall be there: an entry (a file, or with mode 040000 a whole folder), or null to remove it. A folder
 * may be placed first and edited inside by later paths.
 */
export type TreeEdits = ReadonlyMap<string, TreeEntry | null>;

/** How names are spelled: as text, or one character a byte, which keeps names that are not UTF-8. */
type Spelling = "utf8" | "latin1";

/** @throws BerthError INVALID when the object is missing or not a tree. */
export async function readTree(objects: ObjectReader, name: string, spelling: Spelling = "utf8"): Promise<Tree> {
  const object = await objects.read(name);
  if (object?.type !== "tree") throw new BerthError("INVALID", `${name} is not a tree in this repository.`);
  return parseTree(object.data, object.oid.length / 2, spelling);
}

/** Parses the bytes of a tree object; `width` is the length of a raw object name. */
function parseTree(data: Buffer, width: number, spelling: Spelling): Tree {
  const entries = new Map<string, TreeEntry>();
  for (let at = 0; at < data.length;) {
    const space = data.indexOf(32, at);
    const nul = data.indexOf(0, space);
    const mode = data.toString("latin1", at, space).padStart(6, "0") as Mode;
    entries.set(data.toString(spelling, space + 1, nul), {
      mode,
      oid: data.toString("hex", nul + 1, nul + 1 + width) as Oid,
    });
    at = nul + 1 + width;
  }
  return entries;
}

/** The entry at `path` below the tree, or null. */
export async function entryAt(objects: ObjectReader, tree: string, path: string): Promise<TreeEntry | null> {
  const parts = path.split("/");
  let current: TreeEntry | null = null;
  for (const [depth, part] of parts.entries()) {
    const folder: string = depth === 0 ? tree : (current?.oid ?? "");
    current = (await readTree(objects, folder)).get(part) ?? null;
    if (!current || (depth < parts.length - 1 && current.mode !== "040000")) return null;
  }
  return current;
}

/** Writes trees through one `git mktree --batch`; names are spelled by bytes. Entries are sorted and checked by git. */
interface TreeWriter {
  write(entries: Tree): Oid | Promise<Oid>;
  close(): void;
}

function openTreeWriter(git: Git): TreeWriter {
  const child = spawnGit(git, ["mktree", "-z", "--batch", "--missing"]);
  const waiting: { resolve(o: Oid): void; reject(e: Error): void }[] = [];
  let out = "";
  let stderr = "";
  const fail = (error: Error): void => {
    for (const w of waiting.splice(0)) w.reject(error);
  };
  child.stdout.on("data", (chunk: Buffer) => {
    const lines = (out + chunk.toString("latin1")).split("\n");
    out = lines.pop() ?? "";
    for (const line of lines) waiting.shift()?.resolve(oid(line));
  });
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  child.stdin.on("error", () => undefined);
  child.on("error", fail);
  child.on("close", (code) => fail(new GitError(["mktree"], code ?? -1, stderr)));
  return {
    write: (entries) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        let text = "";
        for (const [name, entry] of entries) text += `${entry.mode} ${kind(entry.mode)} ${entry.oid}\t${name}\0`;
        child.stdin.write(`${text}\0`, "latin1");
      }),
    close: () => child.stdin.end(),
  };
}

function kind(mode: Mode): string {
  if (mode === "040000") return "tree";
  return mode === "160000" ? "commit" : "blob";
}

/**
 * Makes a tree from `base` (null: the empty one) and edits, reading and writing only the folders that change.
 * Folders that become empty disappear.
 * @param edits may still be in the making: the process that writes trees starts meanwhile
 */
export async function editTree(
  git: Git,
  objects: ObjectReader,
  base: Oid | null,
  edits: TreeEdits | Promise<TreeEdits>,
): Promise<Oid> {
  const writer = openTreeWriter(git);
  try {
    return (await apply(objects, writer, base, group(await edits, "utf8"))) ?? (await writer.write(new Map()));
  } finally {
    writer.close();
  }
}

/**
 * As `editTree`, for whoever writes the folders himself.
 * @param edits paths spelled by bytes
 * @param write is given each folder that is new, with its names spelled by bytes
 */
export async function editTreeInto(
  objects: ObjectReader,
  base: Oid | null,
  edits: TreeEdits,
  write: (entries: Tree) => Oid,
): Promise<Oid> {
  const root = group(edits, "latin1");
  return (await apply(objects, { write, close: () => undefined }, base, root)) ?? write(new Map());
}

type Edit = TreeEntry | null | Folder;
interface Folder {
  /** The folder put here before its insides are edited, null for an empty one; undefined: what the base has. */
  readonly base: Oid | null | undefined;
  readonly edits: Map<string, Edit>;
}

function group(edits: TreeEdits, spelling: Spelling): Folder {
  const root: Folder = { base: undefined, edits: new Map() };
  for (const [path, entry] of edits) {
    const parts = (spelling === "latin1" ? path : Buffer.from(path).toString("latin1")).split("/");
    if (parts.some((part) => part === "" || part === "." || part === ".." || part.toLowerCase() === ".git")) {
      throw new BerthError("INVALID", `Not a path for a tree: ${JSON.stringify(path.slice(0, 200))}.`);
    }
    let folder = root;
    for (const part of parts.slice(0, -1)) {
      const next = folder.edits.get(part);
      const below: Folder = next && "edits" in next ? next : { base: placed(next), edits: new Map() };
      folder.edits.set(part, below);
      folder = below;
    }
    folder.edits.set(parts.at(-1) ?? "", entry);
  }
  return root;
}

/** What an earlier edit of the same call has put where a folder is edited now. */
function placed(edit: TreeEntry | null | undefined): Oid | null | undefined {
  if (edit === undefined) return undefined;
  return edit?.mode === "040000" ? edit.oid : null;
}

async function apply(objects: ObjectReader, writer: TreeWriter, base: Oid | null, folder: Folder): Promise<Oid | null> {
  const entries = new Map(base ? await readTree(objects, base, "latin1") : []);
  for (const [name, edit] of folder.edits) {
    if (edit && "edits" in edit) {
      const old = entries.get(name);
      const start = edit.base === undefined ? (old?.mode === "040000" ? old.oid : null) : edit.base;
      const changed = await apply(objects, writer, start, edit);
      if (changed) entries.set(name, { mode: "040000", oid: changed });
      else if (edit.base !== undefined || old?.mode === "040000") entries.delete(name);
    } else if (edit) entries.set(name, edit);
    else entries.delete(name);
  }
  return entries.size === 0 ? null : writer.write(entries);
}

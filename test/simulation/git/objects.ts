import { createHash } from "node:crypto";

/** One object as git has it. */
export interface Stored {
  readonly type: "blob" | "tree" | "commit";
  readonly data: Buffer;
}

/** The objects of one repository, by name. */
export type Objects = Map<string, Stored>;

export interface Entry {
  readonly mode: string;
  readonly oid: string;
}

export interface Commit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: string;
  readonly email: string;
  readonly seconds: number;
  readonly message: string;
}

/** Adds an object, which may be there already. @returns its name */
export function put(objects: Objects, type: Stored["type"], data: Buffer): string {
  const oid = createHash("sha1").update(`${type} ${data.length}\0`).update(data).digest("hex");
  if (!objects.has(oid)) objects.set(oid, { type, data });
  return oid;
}

/** @throws Error where the repository does not have it: nothing may be used before it was fetched */
export function get(objects: Objects, oid: string, type: Stored["type"]): Stored {
  const found = objects.get(oid);
  if (found?.type !== type) throw new Error(`the model has no ${type} ${oid}`);
  return found;
}

const trees = new WeakMap<Stored, ReadonlyMap<string, Entry>>();
const commits = new WeakMap<Stored, Commit>();

/** The entries of a folder; names are spelled one character a byte. */
export function treeOf(objects: Objects, oid: string): ReadonlyMap<string, Entry> {
  const stored = get(objects, oid, "tree");
  const known = trees.get(stored);
  if (known) return known;
  const { data } = stored;
  const entries = new Map<string, Entry>();
  for (let at = 0; at < data.length;) {
    const space = data.indexOf(32, at);
    const nul = data.indexOf(0, space);
    const mode = data.toString("latin1", at, space).padStart(6, "0");
    entries.set(data.toString("latin1", space + 1, nul), { mode, oid: data.toString("hex", nul + 1, nul + 21) });
    at = nul + 21;
  }
  trees.set(stored, entries);
  return entries;
}

export function putTree(objects: Objects, entries: Iterable<readonly [string, Entry]>): string {
  const key = ([name, { mode }]: readonly [string, Entry]): string => (mode === "040000" ? `${name}/` : name);
  const sorted = [...entries].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const parts = sorted.flatMap(([name, { mode, oid }]) => [
    Buffer.from(`${mode.replace(/^0/, "")} ${name}\0`, "latin1"),
    Buffer.from(oid, "hex"),
  ]);
  return put(objects, "tree", Buffer.concat(parts));
}

export function commitOf(objects: Objects, oid: string): Commit {
  const stored = get(objects, oid, "commit");
  const known = commits.get(stored);
  if (known) return known;
  const text = stored.data.toString("utf8");
  const end = text.indexOf("\n\n");
  const head = text.slice(0, end).split("\n");
  const who = /^author (.*) <(.*)> (\d+) /.exec(head.find((line) => line.startsWith("author ")) ?? "");
  const commit: Commit = {
    tree: head[0]?.slice(5) ?? "",
    parents: head.filter((line) => line.startsWith("parent ")).map((line) => line.slice(7)),
    author: who?.[1] ?? "",
    email: who?.[2] ?? "",
    seconds: Number(who?.[3] ?? 0),
    message: text.slice(end + 2),
  };
  commits.set(stored, commit);
  return commit;
}

export function putCommit(objects: Objects, commit: Commit): string {
  const who = `${commit.author} <${commit.email}> ${commit.seconds} +0000`;
  const parents = commit.parents.map((parent) => `parent ${parent}\n`).join("");
  const message = commit.message.endsWith("\n") ? commit.message : `${commit.message}\n`;
  const text = `tree ${commit.tree}\n${parents}author ${who}\ncommitter ${who}\n\n${message}`;
  return put(objects, "commit", Buffer.from(text));
}

/** All files of a tree, folders entered: paths to entries. */
export function filesOf(objects: Objects, tree: string, prefix = ""): Map<string, Entry> {
  const found = new Map<string, Entry>();
  for (const [name, entry] of treeOf(objects, tree)) {
    if (entry.mode === "040000")
      for (const [path, own] of filesOf(objects, entry.oid, `${prefix}${name}/`)) found.set(path, own);
    else found.set(prefix + name, entry);
  }
  return found;
}

/** The tree that holds these files. */
export function treeWith(objects: Objects, files: ReadonlyMap<string, Entry>): string {
  const own = new Map<string, Entry>();
  const below = new Map<string, Map<string, Entry>>();
  for (const [path, entry] of files) {
    const slash = path.indexOf("/");
    if (slash < 0) {
      own.set(path, entry);
      continue;
    }
    const folder = path.slice(0, slash);
    const inside = below.get(folder) ?? new Map<string, Entry>();
    inside.set(path.slice(slash + 1), entry);
    below.set(folder, inside);
  }
  for (const [name, inside] of below) own.set(name, { mode: "040000", oid: treeWith(objects, inside) });
  return putTree(objects, own);
}

/** What stands at a path below a tree; the tree itself for the empty path. */
export function entryAt(objects: Objects, tree: string, path: string): Entry | null {
  let at: Entry | null = { mode: "040000", oid: tree };
  for (const part of Buffer.from(path).toString("latin1").split("/")) {
    if (part === "") continue;
    if (at?.mode !== "040000") return null;
    at = treeOf(objects, at.oid).get(part) ?? null;
  }
  return at;
}

/** Copies what is reachable from these objects, as far as the other repository lacks it. */
export function bring(from: Objects, to: Objects, tips: Iterable<string>): void {
  const waiting = [...tips];
  for (let oid = waiting.pop(); oid !== undefined; oid = waiting.pop()) {
    if (to.has(oid)) continue;
    const stored = from.get(oid);
    if (!stored) throw new Error(`the model cannot send ${oid}: it is not there`);
    to.set(oid, stored);
    if (stored.type === "commit") {
      const { tree, parents } = commitOf(from, oid);
      waiting.push(tree, ...parents);
    } else if (stored.type === "tree") for (const entry of treeOf(from, oid).values()) waiting.push(entry.oid);
  }
}

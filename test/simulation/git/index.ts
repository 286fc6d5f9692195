import { existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { readIndex } from "../../../src/git/index-file.ts";
import { type Entry, type Objects, put } from "./objects.ts";

/** Paths to what is staged there. */
export type Index = Map<string, Entry>;

export function loadIndex(file: string): Index {
  if (!existsSync(file)) return new Map();
  const content = readIndex(readFileSync(file), 20);
  if (typeof content === "string") throw new Error(`an index of an unknown form: ${file}`);
  return new Map(content.all().map(({ path, mode, oid }) => [path, { mode, oid }]));
}

/** Writes an index of version 2. It remembers nothing of the files: the model compares them by content. */
export function saveIndex(file: string, index: Index): void {
  const head = Buffer.alloc(12);
  head.write("DIRC", "latin1");
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(index.size, 8);
  const parts = [head];
  for (const [path, { mode, oid }] of [...index].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const name = Buffer.from(path, "latin1");
    const entry = Buffer.alloc((62 + name.length + 8) & ~7);
    entry.writeUInt32BE(Number.parseInt(mode, 8), 24);
    entry.write(oid, 40, "hex");
    entry.writeUInt16BE(Math.min(name.length, 0xfff), 60);
    name.copy(entry, 62);
    parts.push(entry);
  }
  const bytes = Buffer.concat(parts);
  writeFileSync(file, Buffer.concat([bytes, createHash("sha1").update(bytes).digest()]));
}

/** The file at a path of a checkout as an entry, without adding its object; null where there is none. */
export function fileEntry(top: string, path: string): Entry | null {
  const file = join(top, Buffer.from(path, "latin1").toString("utf8"));
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (!stat?.isFile()) return null;
  const data = readFileSync(file);
  const oid = createHash("sha1").update(`blob ${data.length}\0`).update(data).digest("hex");
  return { mode: stat.mode & 0o100 ? "100755" : "100644", oid };
}

/** As {@link fileEntry}, and the object is there afterwards. */
export function addFile(objects: Objects, top: string, path: string): Entry | null {
  const entry = fileEntry(top, path);
  if (entry) put(objects, "blob", readFileSync(join(top, Buffer.from(path, "latin1").toString("utf8"))));
  return entry;
}

export function same(a: Entry | null | undefined, b: Entry | null | undefined): boolean {
  return !a || !b ? !a === !b : a.oid === b.oid && a.mode === b.mode;
}

/** Files of a checkout that the index does not have, without those that are ignored. */
export function untrackedIn(top: string, commonDir: string, index: Index): { loose: string[]; ignored: string[] } {
  const [loose, ignored]: [string[], string[]] = [[], []];
  const rules = [...rulesIn(join(commonDir, "info", "exclude")), ...rulesIn(join(top, ".gitignore"))];
  const enter = (prefix: string): void => {
    for (const entry of readdirSync(join(top, prefix), { withFileTypes: true })) {
      const path = prefix + entry.name;
      if (entry.name === ".git") continue;
      const isIgnored = rules.some((rule) => rule(path, entry.isDirectory()));
      if (entry.isDirectory()) {
        if (!isIgnored && !existsSync(join(top, path, ".git"))) enter(`${path}/`);
      } else if (!index.has(Buffer.from(path).toString("latin1"))) (isIgnored ? ignored : loose).push(path);
    }
  };
  enter("");
  return { loose: loose.sort(), ignored: ignored.sort() };
}

type Rule = (path: string, isFolder: boolean) => boolean;

/** The plain ones: a name, or a path from the top; a slash at the end means folders alone. */
function rulesIn(file: string): Rule[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const folders = line.endsWith("/");
      const bare = line.replace(/\/$/, "");
      const anchored = bare.includes("/");
      const wanted = bare.replace(/^\//, "");
      return (path, isFolder) =>
        (isFolder || !folders) && (anchored ? path === wanted : path === wanted || path.endsWith(`/${wanted}`));
    });
}

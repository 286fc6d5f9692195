import { lstatSync, type Stats } from "node:fs";
import { lstat, readdir, readFile, readlink, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, parse, sep } from "node:path";
import { BerthError } from "../../errors.ts";
import { nameKey } from "./fold-name.ts";

/** A name that is spelled in one way alone, where case counts. */
const PLAIN = /^[ -~]*$/;

/** As many as Linux follows. */
const MOST_LINKS = 40;

/**
 * Goes one name further from a real path, as the kernel would: links are followed, `..` is the folder above where they
 * led, and a name is spelled as the disk spells it. What does not exist is gone into by its spelling alone.
 * @throws BerthError INVALID for a circle of links
 */
export async function stepInto(from: string, name: string, ignoreCase: boolean): Promise<string> {
  const open = [name];
  let at = from;
  let links = 0;
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    if (next === "" || next === ".") continue;
    if (next === "..") {
      at = dirname(at);
      continue;
    }
    const seen = ignoreCase ? null : look(join(at, next));
    const sure = seen !== null || (!ignoreCase && PLAIN.test(next));
    const here = sure ? join(at, next) : join(at, (await spelling(at, next, ignoreCase)) ?? next);
    const stat = sure ? seen : look(here);
    if (!stat?.isSymbolicLink()) {
      at = here;
      continue;
    }
    if (++links > MOST_LINKS) throw circle(here);
    const target = await readlink(here);
    if (isAbsolute(target)) at = parse(target).root;
    open.unshift(...namesOf(isAbsolute(target) ? target.slice(parse(target).root.length) : target));
  }
  return at;
}

/** The same for a path of many names. */
export async function stepAlong(from: string, names: readonly string[], ignoreCase: boolean): Promise<string> {
  let at = from;
  for (const name of names) at = await stepInto(at, name, ignoreCase);
  return at;
}

function circle(path: string): BerthError {
  return new BerthError("INVALID", `The links at ${path} lead in a circle.`, {
    hint: "Mend the link, or name the file that is meant.",
    facts: { path },
  });
}

/** The names of a path, which the platform's own separator may divide as well. */
export function namesOf(path: string): string[] {
  return (sep === "\\" ? path.replaceAll("\\", "/") : path).split("/");
}

/** What is there: a folder, anything else, or nothing that can be seen. */
export async function kindAt(path: string): Promise<"folder" | "file" | null> {
  const stat = look(path);
  if (!stat) return null;
  return stat.isDirectory() ? "folder" : "file";
}

/**
 * How the disk spells a name of a folder, null when it is not there. A name in another Unicode form is found by reading
 * the folder, and so is one in other case where case is ignored.
 */
export async function spelling(folder: string, name: string, ignoreCase: boolean): Promise<string | null> {
  const there = look(join(folder, name));
  if (!ignoreCase && (there || PLAIN.test(name))) return there ? name : null;
  const names = await readdir(folder).catch((): string[] => []);
  if (names.includes(name)) return name;
  const key = nameKey(name, ignoreCase);
  return names.find((other) => nameKey(other, ignoreCase) === key) ?? (there ? name : null);
}

/**
 * At once and not through the pool of threads: a lock is asked for before every edit, and that way costs ten times what
 * the look itself does.
 */
function look(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ENOTDIR", "EACCES", "EPERM", "ENAMETOOLONG", "EINVAL"].includes(code)) return null;
    throw error;
  }
}

/** The names that lead from a folder to a path, null when it lies elsewhere. Both are real. */
export function namesBelow(top: string, path: string, ignoreCase: boolean): string[] | null {
  const [above, names] = [split(top), split(path)];
  if (names.length < above.length) return null;
  const key = (name: string): string => nameKey(name, ignoreCase);
  return above.every((name, i) => key(name) === key(names[i] ?? "")) ? names.slice(above.length) : null;
}

function split(path: string): string[] {
  return path.split(sep).filter((name) => name !== "");
}

/**
 * The folder on the way to a path that is a checkout of its own: a work tree or a clone within this one. A submodule
 * is none.
 */
export async function otherCheckout(top: string, names: readonly string[]): Promise<string | null> {
  let at = top;
  for (const name of names) {
    at = join(at, name);
    const kind = await kindAt(join(at, ".git"));
    if (kind === "folder") return at;
    if (kind === "file" && /\/worktrees\/[^/]+\/?\s*$/.test(await readFile(join(at, ".git"), "utf8"))) return at;
  }
  return null;
}

const known = new Map<string, Promise<boolean>>();

/**
 * Whether a checkout lies on a file system that takes names in other case for the same. It is looked at once for each
 * checkout and nothing is written; `core.ignorecase` would only say what was true where the settings were made.
 */
export function ignoresCase(top: string): Promise<boolean> {
  const found = known.get(top) ?? probe(top);
  known.set(top, found);
  found.catch(() => known.delete(top));
  return found;
}

async function probe(top: string): Promise<boolean> {
  const folder = await realpath(top);
  const name = [".git", ...(await readdir(folder))].find((name) => /[a-z]/.test(name));
  const swapped = join(folder, name?.toUpperCase() ?? "");
  const [lower, upper] = await Promise.all([
    name === undefined ? null : lstat(join(folder, name), { bigint: true }).catch(() => null),
    lstat(swapped, { bigint: true }).catch(() => null),
  ]);
  return lower !== null && upper !== null && lower.ino === upper.ino && lower.dev === upper.dev;
}

import { nameKey } from "./fold-name.ts";
import { mayBeGlob } from "./glob-syntax.ts";
import { isSamePath } from "./hold.ts";
import type { LockPath } from "./lock-path.ts";
import { intersect, type PathAutomaton, patternAutomaton, plainAutomaton } from "./path-automaton.ts";

/**
 * Whether some path belongs to both: exactly, for every two lock paths. A folder is its path and everything below, and
 * so is a file, which may become a folder while it is locked; a glob is what it matches. Where either comes from a
 * checkout that ignores case, both do: that checkout has one file for both names.
 */
export function overlaps(a: LockPath, b: LockPath): boolean {
  const ignoreCase = a.ignoreCase || b.ignoreCase;
  if (a.kind === "glob" || b.kind === "glob") {
    return !apart(a, b, ignoreCase) && intersect(machine(a, ignoreCase), machine(b, ignoreCase));
  }
  const [x, y] = [nameKey(a.path, ignoreCase), nameKey(b.path, ignoreCase)];
  return x === y || y.startsWith(`${x}/`) || x.startsWith(`${y}/`);
}

/**
 * Whether a path belongs to a lock path.
 * @param path relative to the top of the checkout, with `/` between its names
 */
export function matches(pattern: LockPath, path: string): boolean {
  const { kind, ignoreCase } = pattern;
  if (kind === "glob") return intersect(machine(pattern, ignoreCase), plainAutomaton(path, ignoreCase, false));
  const [x, y] = [nameKey(pattern.path, ignoreCase), nameKey(path, ignoreCase)];
  return x === y || (kind === "folder" && y.startsWith(`${x}/`));
}

/** Whether all of the second belongs to the first, where that is plain to see: false says nothing. */
export function covers(whole: LockPath, part: LockPath): boolean {
  if (isSamePath(whole, part)) return true;
  const { kind, path } = whole;
  if (path === "**") return true;
  if (kind === "glob" && !path.endsWith("/**")) return part.kind === "file" && matches(whole, part.path);
  // A folder, or a pattern for all below some: the part lies there as soon as its beginning does.
  const top = part.kind === "glob" ? beginning(part).join("/") : part.path;
  return top !== "" && matches(kind === "glob" ? whole : { ...whole, kind: "folder" }, top);
}

/** A request is held against every lock there is: its machine is made once. */
const machines = new WeakMap<LockPath, PathAutomaton>();

function machine(lock: LockPath, ignoreCase: boolean): PathAutomaton {
  const made = lock.ignoreCase === ignoreCase ? machines.get(lock) : undefined;
  if (made) return made;
  const fresh =
    lock.kind === "glob" ? patternAutomaton(lock.path, ignoreCase) : plainAutomaton(lock.path, ignoreCase, true);
  if (lock.ignoreCase === ignoreCase) machines.set(lock, fresh);
  return fresh;
}

/** Whether the folders that both name before any wildcard lead apart, which is most often the case. */
function apart(a: LockPath, b: LockPath, ignoreCase: boolean): boolean {
  const [x, y] = [beginning(a), beginning(b)];
  return x.some((name, i) => i < y.length && nameKey(name, ignoreCase) !== nameKey(y[i] ?? "", ignoreCase));
}

/** The names before any wildcard. */
function beginning({ kind, path }: LockPath): string[] {
  const names = path.split("/");
  const wild = kind === "glob" ? names.findIndex((name) => mayBeGlob(name)) : -1;
  return wild < 0 ? names : names.slice(0, wild);
}

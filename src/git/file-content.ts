import { lstat, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { Change } from "./diff.ts";
import { type Git, run, text } from "./run.ts";

/** Whether the file at `path` of a checkout is exactly this entry (null: not there). */
export async function holds(git: Git, dir: string, path: string, entry: Change["to"]): Promise<boolean> {
  const file = join(dir, path);
  const stat = await lstat(file).catch(() => null);
  if (!stat || !entry) return stat === null && entry === null;
  if (stat.isSymbolicLink()) {
    const link = await readlink(file);
    return (await text(git, ["hash-object", "--no-filters", "--stdin"], { dir, input: link })) === entry.oid;
  }
  if (!stat.isFile()) return entry.mode === "160000" && stat.isDirectory();
  const hashed = await run(git, ["hash-object", "--stdin", `--path=${path}`], { dir, input: await readFile(file) });
  return hashed.stdout.toString("utf8").trim() === entry.oid;
}

/**
 * Whether the file at `path` is what a killed checkout of this entry leaves: not there at all, or the beginning of it.
 * Nothing is lost when such a file is written anew.
 */
export async function holdsPart(git: Git, dir: string, path: string, entry: Change["to"]): Promise<boolean> {
  const file = join(dir, path);
  const stat = await lstat(file).catch(() => null);
  if (!stat) return true;
  if (!entry || !stat.isFile() || !entry.mode.startsWith("100")) return false;
  const whole = await run(git, ["cat-file", "--filters", `--path=${path}`, entry.oid], { dir });
  const part = await readFile(file);
  return part.length < whole.stdout.length && whole.stdout.subarray(0, part.length).equals(part);
}

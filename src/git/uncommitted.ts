import { type BigIntStats, lstatSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../hash.ts";
import { type Oid, oid } from "./names.ts";
import { UNSYNCED } from "./objects-beside.ts";
import { copyIndex } from "./index-file.ts";
import { type Git, run, text } from "./run.ts";

/** What a checkout has beyond its last commit. Paths are spelled one character a byte: names need not be UTF-8. */
export interface Uncommitted {
  /** Null before the first commit. */
  readonly head: Oid | null;
  /** Commits that a merge under way brings in. */
  readonly merging: readonly Oid[];
  /** The short name of the branch, or null when HEAD is detached. */
  readonly branch: string | null;
  /** Tracked files that differ from HEAD or the index, and untracked ones. */
  readonly paths: readonly string[];
  /** How many of them a merge left in conflict. */
  readonly unmerged: number;
  /** Repositories of their own inside the checkout, which are no part of it. */
  readonly nested: readonly string[];
  /** Equal only as long as nothing of this changed; null where a change could not be told, as it was made just now. */
  readonly sign: string | null;
}

/** A file that was written so shortly ago may be written again without looking any different. */
const RACY_MS = 30;

/** Looks at a checkout without changing anything in it. */
export async function lookAtUncommitted(git: Git, dir: string, gitDir: string): Promise<Uncommitted> {
  const args = [
    "status",
    "--porcelain=v2",
    "-z",
    "--branch",
    "--no-ahead-behind",
    "--untracked-files=all",
    "--no-renames",
  ];
  const [{ stdout }, merging] = await Promise.all([
    run(git, [...args, "--ignored=no", "--ignore-submodules=dirty"], { dir }),
    readFile(join(gitDir, "MERGE_HEAD"), "utf8").catch(() => ""),
  ]);
  const said = stdout.toString("latin1");
  const found = { head: null as Oid | null, branch: null as string | null, unmerged: 0 };
  const [paths, nested]: [string[], string[]] = [[], []];
  for (const field of said.split("\0")) {
    if (field.startsWith("# branch.oid ")) found.head = field.endsWith("(initial)") ? null : oid(field.slice(13));
    else if (field.startsWith("# branch.head ")) found.branch = shortBranch(field.slice(14));
    else if (field.startsWith("1 ")) paths.push(field.split(" ").slice(8).join(" "));
    else if (field.startsWith("u ")) {
      paths.push(field.split(" ").slice(10).join(" "));
      found.unmerged++;
    } else if (field.startsWith("? ")) (field.endsWith("/") ? nested : paths).push(field.slice(2));
  }
  const commits = merging.split("\n").filter(Boolean).map(oid);
  return { ...found, merging: commits, paths, nested, sign: signOf(dir, said + merging, paths) };
}

function shortBranch(name: string): string | null {
  return name === "(detached)" ? null : Buffer.from(name, "latin1").toString("utf8");
}

function signOf(dir: string, said: string, paths: readonly string[]): string | null {
  const young = BigInt(Date.now() - RACY_MS) * 1_000_000n;
  const lines = [said];
  for (const path of paths) {
    const file = Buffer.concat([Buffer.from(`${dir}/`), Buffer.from(path, "latin1")]);
    const at = statOf(file);
    if (at && at.ctimeNs > young) return null;
    lines.push(at ? `${at.ino} ${at.mode} ${at.size} ${at.mtimeNs} ${at.ctimeNs}` : "");
  }
  return sha256(lines.join("\n"));
}

/** Null for what is gone, a folder above it included. */
function statOf(file: Buffer): BigIntStats | null {
  try {
    return lstatSync(file, { bigint: true });
  } catch {
    return null;
  }
}

/**
 * The tree that the checkout's files make, as `git add --all` would have it, without repositories inside. It is made with
 * a copy of the index; the checkout is not touched.
 * @param git writes objects where they may be lost
 * @param index a file that is not there, for the short life of the call
 * @throws GitError where a file cannot be read
 */
export async function treeOfUncommitted(
  git: Git,
  at: { readonly dir: string; readonly gitDir: string },
  index: string,
  { paths }: Uncommitted,
): Promise<Oid> {
  const env = { GIT_INDEX_FILE: index };
  try {
    await copyIndex(join(at.gitDir, "index"), index);
    // The team's filters run as for any `git add`.
    const args = [...UNSYNCED, "update-index", "--add", "--remove", "--replace", "-z", "--stdin"];
    const input = Buffer.from(paths.map((path) => `${path}\0`).join(""), "latin1");
    if (paths.length > 0) await run(git, args, { dir: at.dir, env, input });
    return oid(await text(git, [...UNSYNCED, "write-tree", "--missing-ok"], { dir: at.dir, env }));
  } finally {
    await rm(index, { force: true });
    await rm(`${index}.lock`, { force: true });
  }
}

import { rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Change, changesBetween } from "./diff.ts";
import { holds, holdsPart } from "./file-content.ts";
import type { Oid } from "./names.ts";
import { type IndexEnvironment, withPrivateIndex } from "./private-index.ts";
import { type Git, fields, run, text } from "./run.ts";

/** One path on which a killed run was at work, and what it shall hold now. */
interface Unsettled extends Change {
  readonly now: Change["to"];
}

/**
 * Puts right what a run left that was killed while it brought the files of a checkout from `old` to `new`: each path on
 * which it was at work comes to what it is at `at`, if it still is what that run found, wrote, or had begun to write.
 * Whatever somebody did there since stays.
 * @param old null where the run was filling an empty checkout
 */
export async function settleFiles(
  git: Git,
  dir: string,
  at: Oid,
  run: { readonly old: Oid | null; readonly new: Oid },
): Promise<void> {
  const old = run.old ?? (await emptyTree(git));
  const changes = await changesBetween(git, old, run.new);
  const wanted = await entriesOf(git, at, changes);
  const paths: Unsettled[] = changes.map((change) => ({ ...change, now: wanted.get(change.path) ?? null }));
  await withPrivateIndex(dir, (env) => settle(git, dir, paths, env));
}

async function settle(git: Git, dir: string, paths: readonly Unsettled[], env: IndexEnvironment): Promise<void> {
  const index = await indexOf(git, dir, env);
  const toIndex: string[] = [];
  const toWrite: string[] = [];
  const notShown: string[] = [];
  for (const entry of paths) {
    const { path, from, to, now } = entry;
    const staged = index.get(path) ?? null;
    if (![from, to, now].some((known) => same(known, staged))) continue;
    if (!same(staged, now)) toIndex.push(indexLine(entry));
    if (staged?.sparse) {
      if (now) notShown.push(path);
      continue;
    }
    if (await holds(git, dir, path, now)) continue;
    if (!(await isRunsOwn(git, dir, entry))) continue;
    if (now) toWrite.push(path);
    else await removeFile(dir, path);
  }
  if (toIndex.length > 0) await run(git, ["update-index", "-z", "--index-info"], { dir, env, input: toIndex.join("") });
  if (notShown.length > 0) {
    const input = `${notShown.join("\0")}\0`;
    await run(git, ["update-index", "--skip-worktree", "-z", "--stdin"], { dir, env, input });
  }
  if (toWrite.length > 0)
    await run(git, ["checkout-index", "-f", "-u", "-z", "--stdin"], { dir, env, input: `${toWrite.join("\0")}\0` });
  await run(git, ["update-index", "-q", "--refresh"], { dir, env, accept: [1] });
}

async function isRunsOwn(git: Git, dir: string, { path, from, to }: Unsettled): Promise<boolean> {
  for (const known of [from, to]) {
    if (await holds(git, dir, path, known)) return true;
    if (await holdsPart(git, dir, path, known)) return true;
  }
  return false;
}

function same(a: Change["to"], b: Change["to"]): boolean {
  return a === null || b === null ? a === b : a.mode === b.mode && a.oid === b.oid;
}

function indexLine({ path, from, to, now }: Unsettled): string {
  const like = now ?? to ?? from;
  return `${now ? `${now.mode} ${now.oid}` : `0 ${"0".repeat(like?.oid.length ?? 40)}`}\t${path}\0`;
}

/** The file and the folders that are empty without it. */
async function removeFile(dir: string, path: string): Promise<void> {
  await rm(join(dir, path), { force: true });
  try {
    for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) await rmdir(join(dir, folder));
  } catch {
    // Something else is in it: it stays.
  }
}

/** What the index holds at a path; `sparse` where the checkout does not show the file. */
type Staged = NonNullable<Change["to"]> & { readonly sparse: boolean };

async function indexOf(git: Git, dir: string, env: IndexEnvironment): Promise<Map<string, Staged>> {
  const found = new Map<string, Staged>();
  for (const line of await fields(git, ["ls-files", "-z", "--stage", "-t"], { dir, env })) {
    const [info, path] = cut(line);
    const [tag, mode, oid, stage] = info.split(" ");
    // An unmerged path is like nothing that a run of ours knows.
    const known = { mode: stage === "0" ? mode : "unmerged", oid, sparse: tag === "S" };
    found.set(path, known as unknown as Staged);
  }
  return found;
}

async function entriesOf(git: Git, at: Oid, changes: readonly Change[]): Promise<Map<string, Change["to"]>> {
  const wanted = new Set(changes.map((change) => change.path));
  const found = new Map<string, Change["to"]>();
  for (const line of await fields(git, ["ls-tree", "-r", "-z", "--full-tree", at])) {
    const [info, path] = cut(line);
    const [mode, , oid] = info.split(" ");
    if (wanted.has(path)) found.set(path, { mode, oid } as Change["to"]);
  }
  return found;
}

function cut(line: string): [string, string] {
  const tab = line.indexOf("\t");
  return [line.slice(0, tab), line.slice(tab + 1)];
}

async function emptyTree(git: Git): Promise<Oid> {
  return (await text(git, ["hash-object", "-t", "tree", "-w", "--stdin"])) as Oid;
}

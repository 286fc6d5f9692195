import { lstat, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Git, fields } from "../git/run.ts";
import type { Workspace } from "./marker.ts";

/** Ignored files that Berth (with the team's `setup`) made, with what tells a later change: size and time. */
type Prepared = Readonly<Record<string, string>>;

const FILE = "berth-prepared.json";

/** Whether Berth made the work tree with this git directory ready to run. */
export async function wasPrepared(gitDir: string): Promise<boolean> {
  return (await lstat(join(gitDir, FILE)).catch(() => null)) !== null;
}

/**
 * Lists the ignored files that are in a workspace right after it was prepared.
 * @param any whether something could have made one: a fresh work tree has none
 */
export async function recordPrepared(
  git: Git,
  workspace: Pick<Workspace, "dir" | "gitDir">,
  any: boolean,
): Promise<void> {
  const { dir } = workspace;
  if (dir === null) return;
  const made: Record<string, string> = {};
  for (const path of any ? await ignoredFiles(git, dir) : []) made[path] = await stampOf(join(dir, path));
  const file = join(workspace.gitDir, FILE);
  await writeFile(`${file}.new`, JSON.stringify(made));
  await rename(`${file}.new`, file);
}

/** The ignored files of a workspace that were not there, or not like this, when it was prepared. */
export async function foreignIgnored(
  git: Git,
  workspace: Pick<Workspace, "dir" | "gitDir">,
  disposable: readonly string[],
): Promise<string[]> {
  const { dir } = workspace;
  if (dir === null) return [];
  const text = await readFile(join(workspace.gitDir, FILE), "utf8").catch(() => "{}");
  const made = JSON.parse(text) as Prepared;
  const given = new Set(disposable.length === 0 ? [] : await matching(git, dir, disposable));
  const foreign: string[] = [];
  for (const path of await ignoredFiles(git, dir)) {
    if (given.has(path)) continue;
    // A repository, into which git does not look; its folder's stamp says nothing of what is committed in it.
    if (path.endsWith("/")) foreign.push(path);
    else if (made[path] === undefined || made[path] !== (await stampOf(join(dir, path)))) foreign.push(path);
  }
  return foreign;
}

async function ignoredFiles(git: Git, dir: string): Promise<string[]> {
  return fields(git, ["ls-files", "-z", "--others", "--ignored", "--exclude-standard"], { dir });
}

async function matching(git: Git, dir: string, patterns: readonly string[]): Promise<string[]> {
  const args = patterns.map((pattern) => `--exclude=${pattern}`);
  return fields(git, ["ls-files", "-z", "--others", "--ignored", ...args], { dir });
}

async function stampOf(path: string): Promise<string> {
  const stat = await lstat(path).catch(() => null);
  return stat ? `${stat.size}:${Math.trunc(stat.mtimeMs)}` : "gone";
}

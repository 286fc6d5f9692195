import { access, lstat, readdir, readFile, readlink, rename, rm } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import type { Oid, RefName } from "../git/names.ts";
import { isAncestor, listRefs } from "../git/refs.ts";
import { run } from "../git/run.ts";
import { readStatus, unseenFiles } from "../git/status.ts";
import { removeWorktree, repairWorktree } from "../git/worktree.ts";
import { type Project, reach } from "../project.ts";
import { ASIDE, DOOMED, dropMarker, type Marker } from "./marker.ts";
import { keepDiscarded } from "./discarded.ts";
import { nestedWork } from "./nested.ts";
import { foreignIgnored } from "./prepared.ts";

/** A workspace that may be removed: one of a claim, or the work tree of a branch that no session claims. */
export interface Removable {
  readonly dir: string | null;
  readonly gitDir: string;
  readonly marker: Marker | { readonly kind: "worktree" };
}

/**
 * Why a workspace must stay: one sentence each, naming what it holds. Empty when nothing in it would be lost.
 * @param safe a commit that stays reachable after the removal; the workspace's own commits must be part of it
 */
export async function reasonsToKeep(project: Project, workspace: Removable, safe: Oid | null): Promise<string[]> {
  const { dir } = workspace;
  if (dir === null) return [];
  if (!(await lstat(dir).catch(() => null))) return leftInRecord(project, workspace);
  const reasons: string[] = [];
  const status = await readStatus(project.git, dir);
  if (status.changed.length > 0) reasons.push(`changes that are not committed: ${some(status.changed)}`);
  if (status.untracked.length > 0) reasons.push(`files that git does not track: ${some(status.untracked)}`);
  const unseen = await unseenFiles(project.git, dir);
  if (unseen.length > 0) reasons.push(`files that git was told not to compare: ${some(unseen)}`);
  const ignored = await foreignIgnored(project.git, workspace, project.config.workspace.disposable);
  if (ignored.length > 0) reasons.push(`ignored files that Berth did not make: ${some(ignored)}`);
  if (safe === null || !(await isAncestor(project.git, status.head as Oid, safe))) {
    reasons.push(`commits that are nowhere else: ${status.head.slice(0, 10)}`);
  }
  reasons.push(...(await operationsIn(workspace.gitDir)));
  reasons.push(...(await nestedWork(project.git, dir)), ...(await submoduleWork(project, workspace)));
  if (safe) reasons.push(...(await otherWork(project, workspace, dir, safe)));
  reasons.push(...(await liveIn(dir)));
  return reasons;
}

async function operationsIn(gitDir: string): Promise<string[]> {
  const names = ["MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply", "BISECT_LOG"];
  const found: string[] = [];
  for (const name of names) if (await exists(join(gitDir, name))) found.push(`an operation under way (${name})`);
  return found;
}

/**
 * What git keeps of a work tree whose folder is not where it was: it may have been moved, and its index, with what is
 * staged, is in git's record of it. [INV-3]
 */
async function leftInRecord(project: Project, { marker, gitDir }: Removable): Promise<string[]> {
  if (marker.kind !== "worktree" || !(await exists(join(gitDir, "index")))) return [];
  const args = ["--git-dir", gitDir, "diff-index", "--cached", "--quiet", "HEAD", "--"];
  const { code } = await run(project.git, args, { accept: [1, 128] });
  const left = [...(code === 0 ? [] : ["what is staged there"]), ...(await operationsIn(gitDir))];
  const remedy = "where the folder was moved: git worktree repair NEW-FOLDER";
  return left.map((what) => `its folder is gone, and git's record of it holds ${what}; ${remedy}`);
}

/**
 * Removes a workspace, after `reasonsToKeep` gave none. It is moved aside first and looked at once more there, so that
 * a file written in between is found and everything goes back.
 * @returns why it stays after all, empty when it is gone; and the name of what had been discarded in it
 */
export async function removeWorkspace(
  project: Project,
  workspace: Removable,
  safe: Oid | null,
): Promise<{ stays: string[]; discarded: string | null }> {
  const { dir, marker, gitDir } = workspace;
  if (marker.kind === "none" || dir === null) {
    await dropMarker(gitDir);
    await reach(project, "workspace.removed", gitDir);
    return { stays: [], discarded: null };
  }
  const aside = asidePath(dir);
  const reasons = await lookAside(project, workspace, dir, safe);
  if (reasons.length > 0) return { stays: reasons, discarded: null };
  const last = (await exists(aside)) ? aside : dir;
  const discarded = marker.kind === "clone" && (await exists(last)) ? await keepDiscarded(project, marker, last) : null;
  // From here on nothing in it is missed: a run that is killed leaves a name that says so.
  const doomed = doomedPath(dir);
  await rm(doomed, { recursive: true, force: true });
  if (await exists(last)) await rename(last, doomed);
  await rm(doomed, { recursive: true, force: true });
  // git may have noted the work tree under either path, depending on when it last looked.
  if (marker.kind === "worktree") {
    await removeWorktree(project.git, dir).catch(() => removeWorktree(project.git, aside));
  }
  await reach(project, "workspace.removed", dir);
  return { stays: [], discarded };
}

/** Moves a workspace aside, looks at it there, and moves it back when it must stay, whatever happens. */
async function lookAside(project: Project, workspace: Removable, dir: string, safe: Oid | null): Promise<string[]> {
  const { marker } = workspace;
  // Submodules know their work tree by its path: they are looked at where they are.
  if ((await submodulesOf(workspace)).length > 0) return reasonsToKeep(project, workspace, safe);
  const aside = asidePath(dir);
  if (await lstat(dir).catch(() => null)) await rename(dir, aside);
  const gitDir = marker.kind === "clone" ? join(aside, ".git") : workspace.gitDir;
  let reasons: string[] = ["it could not be looked at"];
  try {
    reasons = await reasonsToKeep(project, { ...workspace, dir: aside, gitDir }, safe);
  } finally {
    if (reasons.length > 0) {
      if (await exists(aside)) {
        await rename(aside, dir);
        if (marker.kind === "worktree") await repairWorktree(project.git, dir);
      }
    }
  }
  return reasons;
}

/** Git directories of submodules that were initialised in a workspace. */
async function submodulesOf(workspace: Removable): Promise<string[]> {
  const modules = join(workspace.gitDir, "modules");
  const found: string[] = [];
  for (const entry of await readdir(modules, { recursive: true, withFileTypes: true }).catch(() => [])) {
    // A git directory; HEAD alone is also the name of a log and of a remote's main branch.
    if (entry.name === "objects" && entry.isDirectory() && (await exists(join(entry.parentPath, "HEAD"))))
      found.push(entry.parentPath);
  }
  return found;
}

/** Commits of submodules that none of their remotes is known to have: they would go with the workspace. */
async function submoduleWork(project: Project, workspace: Removable): Promise<string[]> {
  const reasons: string[] = [];
  for (const gitDir of await submodulesOf(workspace)) {
    const args = [
      "--git-dir",
      gitDir,
      "rev-list",
      "--max-count=1",
      "HEAD",
      "--all",
      "--reflog",
      "--not",
      "--remotes",
      "--tags",
    ];
    const { code, stdout } = await run(project.git, args, { accept: [128] });
    if (code !== 0 || stdout.length > 0)
      reasons.push(`commits of the submodule ${basename(gitDir)} that are nowhere else`);
  }
  return reasons;
}

/** Where a workspace is while it is being removed; a run that was killed is finished from there. */
function asidePath(dir: string): string {
  return join(dirname(dir), `.${basename(dir)}${ASIDE}`);
}

/** Where a workspace is that was looked at for the last time. */
function doomedPath(dir: string): string {
  return join(dirname(dir), `.${basename(dir)}${DOOMED}`);
}

/**
 * What goes with a workspace besides its own branch: branches, tags and stashes of a clone that the parent does not
 * have, and work trees that hang on it; of a work tree the references that git keeps for it alone.
 */
async function otherWork(project: Project, workspace: Removable, dir: string, safe: Oid): Promise<string[]> {
  const clone = workspace.marker.kind === "clone";
  const reasons: string[] = [];
  const parent = new Map<RefName, Oid>();
  // What the parent has under the same name: tags, and the checkpoints that were brought there.
  for (const prefix of clone ? ["refs/tags/", "refs/berth/"] : [])
    for (const [ref, oid] of await listRefs(project.git, prefix)) parent.set(ref, oid);
  for (const [ref, oid] of await listRefs({ ...project.git, dir }, clone ? "refs/" : "refs/worktree/")) {
    if (ref.startsWith("refs/remotes/") || parent.get(ref) === oid) continue;
    if (!(await isAncestor(project.git, oid, safe))) reasons.push(`${ref}, which is nowhere else`);
  }
  const trees = clone ? await readdir(join(dir, ".git", "worktrees")).catch(() => []) : [];
  if (trees.length > 0) reasons.push(`work trees that were added to it: ${some(trees)}`);
  return reasons;
}

/**
 * Processes that stand in the folder, apart from the caller, those that started it, and those it is piped into.
 * Linux only: elsewhere none.
 */
export async function liveIn(dir: string): Promise<string[]> {
  const own = await ancestors();
  const standing: string[] = [];
  for (const pid of await readdir("/proc").catch(() => [])) {
    if (!/^\d+$/.test(pid) || own.has(pid)) continue;
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => "");
    if (cwd === dir || cwd.startsWith(dir + sep)) standing.push(pid);
  }
  const readers = await readersOf(String(process.pid), standing);
  const reasons: string[] = [];
  for (const pid of standing.filter((p) => !readers.has(p))) {
    const name = (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim();
    reasons.push(`a process at work in it: ${name || "process"} (${pid})`);
  }
  return reasons;
}

/** Those of the processes that read what a process prints, through pipes, and what those print in turn. */
async function readersOf(writer: string, among: readonly string[]): Promise<Set<string>> {
  const pipeAt = async (pid: string, fd: number): Promise<string> => {
    const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => "");
    return target.startsWith("pipe:") ? target : "";
  };
  const found = new Set<string>();
  for (const from of [writer, ...among]) {
    if (from !== writer && !found.has(from)) continue;
    const pipes = [await pipeAt(from, 1), await pipeAt(from, 2)].filter((pipe) => pipe !== "");
    for (const pid of among) if (pipes.includes(await pipeAt(pid, 0))) found.add(pid);
  }
  return found;
}

async function ancestors(): Promise<Set<string>> {
  const found = new Set<string>();
  for (let pid = String(process.pid); pid !== "0" && pid !== "" && !found.has(pid);) {
    found.add(pid);
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    pid = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] ?? "";
  }
  return found;
}

function some(paths: readonly string[]): string {
  return paths.length > 4 ? `${paths.slice(0, 4).join(", ")} and ${paths.length - 4} more` : paths.join(", ");
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

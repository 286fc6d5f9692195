import { chmod, lstat, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { BerthError } from "../errors.ts";
import { branchRef, type Oid } from "../git/names.ts";
import { isAncestor, resolveCommit, updateRefs } from "../git/refs.ts";
import { run } from "../git/run.ts";
import { remoteAddress } from "../git/remote-address.ts";
import { readStatus } from "../git/status.ts";
import { dropStillborn, findStillborn } from "../git/stillborn.ts";
import {
  addWorktree,
  findWorktree,
  gitDirOf,
  isComeBackTo,
  listWorktrees,
  removeWorktree,
  setWorktreeConfig,
  worktreeRecords,
} from "../git/worktree.ts";
import { homeDir, type Project, reach } from "../project.ts";
import { excludeOurs } from "./exclude.ts";
import { endFilling, fillWorktree, isBeingFilled } from "./fill.ts";
import { writeHooks } from "./hooks.ts";
import { claimOnlyDir, type Marker, readMarker, scanWorkspaces, type Workspace, writeMarker } from "./marker.ts";

/**
 * Makes the workspace of a claim at `start`, the session branch's first commit. Running it again after a kill finishes
 * what is there; a folder that is not ours, or holds work, is never touched.
 * @param stillHeld throws when the claim was replaced meanwhile: a newer holder's branch and workspace are left alone
 */
export async function makeWorkspace(
  project: Project,
  marker: Marker,
  start: Oid,
  stillHeld: () => Promise<void>,
): Promise<Workspace> {
  if (marker.kind === "none") {
    const gitDir = claimOnlyDir(project, marker.agent, marker.session);
    await writeMarker(gitDir, marker);
    return { marker, gitDir, dir: null };
  }
  await excludeOurs(project);
  await placeBranch(project, marker, start, stillHeld);
  await reach(project, "workspace.branched", marker.branch);
  if (marker.kind === "clone") return makeClone(project, marker);
  return makeWorktree(project, marker, start, stillHeld);
}

/** The session branch at `start`: made, moved forward, or left where a killed run has put it already. */
async function placeBranch(
  project: Project,
  marker: Marker,
  start: Oid,
  stillHeld: () => Promise<void>,
): Promise<void> {
  const ref = branchRef(marker.branch);
  const old = await resolveCommit(project.objects, ref);
  if (old === start) return;
  // After the branch was looked at: whoever replaces the claim from now on moves it, and then it does not move from here.
  if (old) await stillHeld();
  if (old && !(await isAncestor(project.git, old, start))) {
    // Work of an earlier claim that is not part of this one: it keeps a name of its own.
    const kept = branchRef(`${marker.branch}-kept-${old.slice(0, 10)}`);
    await updateRefs(
      project.git,
      [{ ref: kept, old: await resolveCommit(project.objects, kept), new: old }],
      "berth: keep",
    );
  }
  if (old) await leaveBranch(project, ref);
  const move = (from: Oid | null): Promise<boolean> =>
    updateRefs(project.git, [{ ref, old: from, new: start }], `berth: open ${marker.session}`);
  // A name that was held for the moment of a push may be let go just now.
  const moved =
    (await move(old)) || (old !== null && (await resolveCommit(project.objects, ref)) === null && (await move(null)));
  if (!moved)
    throw new BerthError("FAILED", `The branch ${marker.branch} moved while its workspace was made.`, {
      hint: "Run the same command again.",
    });
}

/**
 * Detaches every checkout of a branch at the commit it is on: its files, index and commits stay as they are. Each is
 * reached by its record here, whatever became of its folder: from one that is no checkout any more git would go on to
 * the repository around it, and move that one's HEAD.
 */
async function leaveBranch(project: Project, ref: string): Promise<void> {
  const records = await worktreeRecords(project.repository.commonDir);
  for (const w of await listWorktrees(project.git)) {
    if (w.branch !== ref || w.head === null) continue;
    const record = records.get(w.path);
    if (record === undefined && w.path !== project.repository.mainTop) continue;
    const where = record === undefined ? [] : ["--git-dir", record];
    const move = ["update-ref", "--no-deref", "-m", "berth: workspace of an ended claim", "HEAD", w.head];
    await run(project.git, [...where, ...move], record === undefined ? { dir: w.path } : {});
  }
}

async function makeWorktree(
  project: Project,
  marker: Marker,
  start: Oid,
  stillHeld: () => Promise<void>,
): Promise<Workspace> {
  const base = join(homeDir(project), project.config.workspace.worktrees);
  const ref = branchRef(marker.branch);
  const found = await findWorktree(project.git, project.repository.commonDir, ref);
  const mark = found ? await markOf(project, found.path) : null;
  const there = found && (await lstat(found.path).catch(() => null));
  const own =
    there && (mark ? mark.token === marker.token : await isBeingFilled(await gitDirOf(project.git, found.path)));
  if (found && !own) {
    await stillHeld();
    if (mark !== null) await leaveBranch(project, ref);
    else await dropHalfMade(project, found.path, base);
  }
  const dir = own ? found.path : await freeFolder(project, base, marker);
  // A rebase of the old holder's ends with a refusal of git's: the branch is not where it began any more.
  const force = !own && (await isComeBackTo(project.repository.commonDir, ref));
  if (!own)
    await addWorktree(project.git, dir, { branch: marker.branch }, { checkout: false, force }).catch(
      async (error: unknown) => {
        await stillHeld();
        throw error;
      },
    );
  const gitDir = await gitDirOf(project.git, dir);
  if (!own || !mark) await fillWorktree(project.git, dir, gitDir, start);
  await reach(project, "workspace.added", dir);
  await configure(project, dir, marker);
  await writeMarker(gitDir, marker);
  await endFilling(gitDir);
  await reach(project, "workspace.marked", dir);
  return { marker, gitDir, dir };
}

/** The mark of a work tree, also of one whose folder is gone; without a token where it is damaged. */
async function markOf(project: Project, dir: string): Promise<Pick<Marker, "token"> | null> {
  const { sound, damaged } = await scanWorkspaces(project);
  const known = sound.find((w) => w.dir === dir);
  return known?.marker ?? (damaged.some((w) => w.dir === dir) ? { token: "" } : null);
}

/** A work tree whose making was killed holds nothing but (some of) the commit's files, or is not ours to remove. */
async function dropHalfMade(project: Project, dir: string, base: string): Promise<void> {
  if (await lstat(dir).catch(() => null)) {
    if (!dir.startsWith(`${base}/`)) throw notOurs(dir, []);
    const status = await readStatus(project.git, dir, { ignored: true });
    const present: string[] = [...status.untracked, ...status.ignored];
    for (const path of status.changed) if (await lstat(join(dir, path)).catch(() => null)) present.push(path);
    if (present.length > 0) throw notOurs(dir, present);
  }
  await removeWorktree(project.git, dir);
}

function notOurs(dir: string, files: readonly string[]): BerthError {
  return new BerthError("WOULD_LOSE_WORK", `${dir} is a checkout of the session's branch that Berth did not make.`, {
    hint: "Switch that checkout to another branch, and run the same command again.",
    facts: { dir, files: files.slice(0, 20) },
  });
}

/** A folder that does not exist yet, or is empty, and that git does not miss. */
async function freeFolder(project: Project, base: string, marker: Marker): Promise<string> {
  const missed = new Set((await listWorktrees(project.git)).filter((w) => w.prunable).map((w) => w.path));
  const stillborn = await findStillborn(project.repository.commonDir, project.clock.now());
  for (const name of [
    marker.session,
    `${marker.session}.e${marker.epoch}`,
    `${marker.session}.${marker.token.slice(0, 8)}`,
  ]) {
    for (const still of stillborn.filter(({ dir }) => dir === join(base, name))) await dropStillborn(still);
    const entries = await readdir(join(base, name)).catch((error: NodeJS.ErrnoException) =>
      error.code === "ENOENT" ? [] : null,
    );
    if (entries?.length === 0 && !missed.has(join(base, name))) return join(base, name);
  }
  throw new BerthError("FAILED", `${join(base, marker.session)} exists already and is not empty.`, {
    hint: "Move that folder away, and run the same command again.",
  });
}

async function configure(project: Project, dir: string, marker: Marker): Promise<void> {
  const values = { "core.hooksPath": await writeHooks(project), "user.name": marker.agent, "user.email": marker.email };
  if (marker.kind === "clone")
    for (const [key, value] of Object.entries(values)) await run(project.git, ["config", key, value], { dir });
  else await setWorktreeConfig(project.git, dir, values, { allowed: project.worktreeConfig });
  const plan = join(dir, ".session", "SESSION.md");
  if ((await lstat(plan).catch(() => null))?.isFile()) await chmod(plan, 0o444);
}

/** A clone is made beside its place and renamed when it is whole, so a killed one is never taken for a workspace. */
async function makeClone(project: Project, marker: Marker): Promise<Workspace> {
  const base = join(homeDir(project), project.config.workspace.clones);
  for (const name of [marker.session, `${marker.session}.e${marker.epoch}`]) {
    const made = await readMarker(join(base, name, ".git"));
    if (made?.token === marker.token) return { marker: made, gitDir: join(base, name, ".git"), dir: join(base, name) };
  }
  await mkdir(base, { recursive: true });
  const part = join(base, `.${marker.session}.${marker.epoch}.part`);
  await rm(part, { recursive: true, force: true });
  // Two commits deep: where the history is cut, the hub has the commit, so that the branch can be pushed there by hand.
  const args = ["clone", "--quiet", "--depth=2", "--single-branch", "--no-tags", "--origin=origin"];
  args.push(`--branch=${marker.branch}`);
  await run(project.git, [...args, "--", pathToFileURL(project.repository.commonDir).href, part]);
  await pointAtHub(project, part, marker);
  await reach(project, "workspace.added", part);
  await configure(project, part, marker);
  await writeMarker(join(part, ".git"), marker);
  const dir = await freeFolder(project, base, marker);
  await rm(dir, { recursive: true, force: true });
  await rename(part, dir);
  await reach(project, "workspace.marked", dir);
  return { marker, gitDir: join(dir, ".git"), dir };
}

/** The clone's `origin` is the hub, so that its branch can be pushed and the base fetched by hand as well. */
async function pointAtHub(project: Project, dir: string, marker: Marker): Promise<void> {
  const { base, remote } = project.config;
  const name = typeof remote === "string" ? remote : "origin";
  const url = project.hub.kind === "remote" ? (await remoteAddress(project.git, name)).fetch : null;
  if (url !== null) await run(project.git, ["remote", "set-url", "origin", url], { dir });
  // With a star: a plain `git fetch` fails for a name that is not on the hub yet.
  const specs = [base, `${marker.branch}*`].map((branch) => `+refs/heads/${branch}:refs/remotes/origin/${branch}`);
  for (const [i, spec] of specs.entries())
    await run(project.git, ["config", i === 0 ? "--replace-all" : "--add", "remote.origin.fetch", spec], { dir });
}

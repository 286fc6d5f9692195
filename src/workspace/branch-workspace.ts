import { lstat, readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { BerthError } from "../errors.ts";
import { branchRef, type Oid } from "../git/names.ts";
import { dropStillborn, findStillborn } from "../git/stillborn.ts";
import { addWorktree, findWorktree, gitDirOf, setWorktreeConfig } from "../git/worktree.ts";
import { homeDir, type Project, reach } from "../project.ts";
import { runCommand } from "./command.ts";
import { excludeOurs } from "./exclude.ts";
import { endFilling, fillWorktree, isBeingFilled } from "./fill.ts";
import { writeHooks } from "./hooks.ts";
import { ASIDE, DOOMED, readMarker } from "./marker.ts";
import { bringIgnored, bringsAny } from "./prepare.ts";
import { recordPrepared, wasPrepared } from "./prepared.ts";
import type { Removable } from "./remove.ts";

/**
 * A work tree of a branch that no session claims. Running it again after a kill finishes what is there; a checkout that
 * somebody else made of the branch is taken as it is.
 * @param at.name of its folder, below the setting `workspace.worktrees`
 * @param at.start the commit that the branch is at
 */
export async function branchWorkspace(
  project: Project,
  at: { readonly name: string; readonly branch: string; readonly start: Oid },
): Promise<{ readonly path: string; readonly warnings: readonly string[] }> {
  await excludeOurs(project);
  const found = await findWorktree(project.git, project.repository.commonDir, branchRef(at.branch));
  const there = found !== undefined && (await lstat(found.path).catch(() => null)) !== null;
  if (there && !(await isUnfinished(project, found.path))) return { path: found.path, warnings: [] };
  const dir = there ? found.path : await freeFolder(project, at.name);
  if (!there) await addWorktree(project.git, dir, { branch: at.branch }, { checkout: false });
  const gitDir = await gitDirOf(project.git, dir);
  await fillWorktree(project.git, dir, gitDir, at.start);
  await reach(project, "workspace.added", dir);
  const { name, email, named } = project.caller;
  const values = {
    "core.hooksPath": await writeHooks(project),
    ...(named && { "user.name": name, "user.email": email }),
  };
  await setWorktreeConfig(project.git, dir, values, { allowed: project.worktreeConfig });
  const warnings = [...(await bringIgnored(project, dir)), ...(await setUp(project, dir, gitDir))];
  const any = project.config.workspace.setup !== "" || (await bringsAny(project));
  await recordPrepared(project.git, { dir, gitDir }, any);
  await endFilling(gitDir);
  await reach(project, "workspace.prepared", dir);
  return { path: dir, warnings };
}

/** A work tree whose making was killed: begun and not ended, or still without any file. */
async function isUnfinished(project: Project, dir: string): Promise<boolean> {
  if (await isBeingFilled(await gitDirOf(project.git, dir))) return true;
  return (await readdir(dir)).every((name) => name === ".git");
}

async function freeFolder(project: Project, name: string): Promise<string> {
  const dir = join(homeDir(project), project.config.workspace.worktrees, name);
  for (const still of await findStillborn(project.repository.commonDir, project.clock.now()))
    if (still.dir === dir) await dropStillborn(still);
  const entries = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  if (entries.length === 0) return dir;
  throw new BerthError("FAILED", `${dir} exists already and is not empty.`, {
    hint: "Move that folder away, and run the same command again.",
    facts: { dir },
  });
}

/** @returns what went wrong, for the one who works there to read */
async function setUp(project: Project, dir: string, gitDir: string): Promise<string[]> {
  const { setup } = project.config.workspace;
  if (setup === "") return [];
  const log = join(gitDir, "berth-setup.log");
  const { code } = await runCommand(setup, { dir, env: project.commandEnv, log, signal: project.signal });
  return code === 0 ? [] : [`setup failed (exit ${code}); its output is in ${log}.`];
}

/**
 * The work tree of a branch that `branchWorkspace` made, also one whose removal was begun.
 * @param at.name of its folder
 * @returns null where the branch has none; `foreign` for one that somebody else made, or that is a session's
 */
export async function madeWorkspace(
  project: Project,
  at: { readonly name: string; readonly branch: string },
): Promise<Removable | "foreign" | null> {
  const { commonDir } = project.repository;
  const found = await findWorktree(project.git, commonDir, branchRef(at.branch));
  if (found === undefined) return null;
  for (const entry of await readdir(join(commonDir, "worktrees")).catch(() => [])) {
    const gitDir = join(commonDir, "worktrees", entry);
    const pointer = await readFile(join(gitDir, "gitdir"), "utf8").catch(() => "");
    if (dirname(pointer.trim()) !== found.path) continue;
    if ((await readMarker(gitDir)) !== null) return "foreign";
    const dir = placeOf(found.path);
    const own = dir === join(homeDir(project), project.config.workspace.worktrees, at.name);
    return own || (await wasPrepared(gitDir)) ? { dir, gitDir, marker: { kind: "worktree" } } : "foreign";
  }
  return "foreign";
}

/** Where a work tree belongs that may stand aside, to be looked at for the last time. */
function placeOf(path: string): string {
  const name = basename(path);
  const ending = [ASIDE, DOOMED].find((one) => name.startsWith(".") && name.endsWith(one));
  return ending === undefined ? path : join(dirname(path), name.slice(1, -ending.length));
}

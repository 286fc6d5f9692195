import { lstat, readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf } from "../errors.ts";
import { readStatus } from "../git/status.ts";
import { readClaim, tryReadTip } from "../ledger/tip.ts";
import { homeDir, type Project } from "../project.ts";
import { shellWord } from "../shell-word.ts";
import { scanWorkspaces, type Workspace } from "../workspace/marker.ts";
import { bad, type Finding, good } from "./finding.ts";

/**
 * The workspaces of this machine: whether their marks can be read, whether their folders are where git has them, and
 * which of them are of claims that have ended. What is wrong is named, with all there is to do; nothing is touched.
 */
export async function checkWorkspaces(project: Project): Promise<Finding> {
  const { sound, damaged } = await scanWorkspaces(project);
  const wrong = damaged.map(({ problem, dir }) => ({
    what: problem.message,
    fix: `The work in ${dir ?? "its branch"} is untouched: see it with berth recover, which can take such a session over.`,
  }));
  for (const workspace of sound) {
    const problem = await problemOf(project, workspace);
    if (problem) wrong.push(problem);
  }
  if (wrong.length > 0)
    return bad(wrong.map(({ what }) => what).join("; "), [...new Set(wrong.map(({ fix }) => fix))].join(" "));
  const stale = await staleOf(project, sound);
  return good(`${sound.length} here${stale.length > 0 ? `; of ended claims: ${stale.join(", ")}` : ""}`);
}

async function problemOf(
  project: Project,
  { dir, gitDir, marker }: Workspace,
): Promise<{ what: string; fix: string } | null> {
  if (dir === null) return null;
  const { session } = marker;
  if (!(await lstat(dir).catch(() => null))) {
    const now = await movedTo(project, dir, gitDir);
    if (now !== null)
      return { what: `the workspace of ${session} was moved to ${now}`, fix: `git worktree repair ${shellWord(now)}` };
    return {
      what: `the folders are gone of ${session}`,
      fix: "If one was moved: git worktree repair FOLDER. If not, its commits are on its branch; as its agent: berth claim ID makes the folder again.",
    };
  }
  if (!(await stat(dir)).isDirectory())
    return { what: `${dir} is no folder`, fix: `Move it away, and: berth claim ${session}` };
  const unreadable = await readStatus(project.git, dir).then(() => null, messageOf);
  if (unreadable === null) return null;
  const repair = marker.kind === "clone" ? "Put its .git back" : "git worktree repair";
  return {
    what: `${dir} of ${session} is no checkout of git's any more (${unreadable})`,
    fix: `${repair} writes git's pointer anew where that is what is missing; the files in ${dir} are untouched.`,
  };
}

/** Where a work tree is now that somebody moved beside the others: its own pointer still leads to its record. */
async function movedTo(project: Project, dir: string, gitDir: string): Promise<string | null> {
  const { worktrees } = project.config.workspace;
  for (const place of new Set([join(homeDir(project), worktrees), dirname(dir), homeDir(project)]))
    for (const name of await readdir(place).catch(() => [])) {
      const pointer = await readFile(join(place, name, ".git"), "utf8").catch(() => "");
      if (pointer.trim() === `gitdir: ${gitDir}`) return join(place, name);
    }
  return null;
}

async function staleOf(project: Project, all: readonly Workspace[]): Promise<string[]> {
  const tip = await tryReadTip(project);
  const stale: string[] = [];
  for (const { marker, dir } of all) {
    const tree = tip && (await project.objects.stat(`${tip.tree}:active/${marker.session}`));
    const record = tree ? await readClaim(project, { id: marker.session, state: "active", tree: tree.oid }) : null;
    if (record?.epoch !== marker.epoch) stale.push(`${dir ?? marker.session} (epoch ${marker.epoch})`);
  }
  return stale;
}

import { lstat } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { BerthError } from "../errors.ts";
import { branchRef, type Oid } from "../git/names.ts";
import { isAncestor, resolveCommit, updateRefs } from "../git/refs.ts";
import { run } from "../git/run.ts";
import { readStatus, type Status } from "../git/status.ts";
import { listWorktrees } from "../git/worktree.ts";
import type { Project } from "../project.ts";
import { readMarker, type Workspace, workspacesOf } from "./marker.ts";

/** The workspace the caller stands in, or null. */
export async function workspaceHere(project: Project): Promise<Workspace | null> {
  const marker = await readMarker(project.here.gitDir);
  return marker ? { marker, gitDir: project.here.gitDir, dir: project.here.top } : null;
}

/** The session a verb means when no id is given. @throws BerthError USAGE outside a workspace */
export async function sessionHere(project: Project, id: string | undefined): Promise<string> {
  if (id !== undefined) return id;
  const here = await workspaceHere(project);
  if (here) return here.marker.session;
  throw new BerthError("USAGE", "Which session? Outside a workspace the id cannot be left out.", {
    hint: "Name one of: berth list --state active",
  });
}

/**
 * The workspace whose mark proves the claim on a session: the one the caller stands in, or, from elsewhere in the
 * repository, the newest one that was made for the caller's name.
 * @throws BerthError NOT_HOLDER
 */
export async function workspaceFor(project: Project, id: string): Promise<Workspace> {
  const here = await workspaceHere(project);
  if (here?.marker.session === id) return here;
  const all = await workspacesOf(project, id);
  const own = all.find((w) => w.marker.agent === project.caller.name);
  if (own) return own;
  const other = all[0];
  throw new BerthError("NOT_HOLDER", `${project.caller.name} does not hold ${id} here.`, {
    hint: other
      ? `Its workspace belongs to ${other.marker.agent}; run the verb in ${other.dir ?? "that agent's name"}, or add: --agent ${JSON.stringify(other.marker.agent)}`
      : `See who holds it with: berth show ${id} --fetch`,
    facts: { session: id, caller: project.caller.name, holder: other?.marker.agent ?? null },
  });
}

/** The workspace's status and the tip of its branch, with its commits present in the parent repository. */
export interface WorkspaceTip {
  readonly commit: Oid;
  readonly status: Status;
}

/**
 * Reads where the work stands. For a clone its commits are fetched into the parent, whose session branch follows.
 * @throws BerthError FAILED when the workspace is gone or not on its session's branch
 */
export async function readWorkspaceTip(project: Project, workspace: Workspace): Promise<WorkspaceTip | null> {
  const { dir, marker } = workspace;
  if (dir === null) return null;
  if (!(await lstat(dir).catch(() => null))) {
    const left = await resolveCommit(project.objects, branchRef(marker.branch));
    throw new BerthError("FAILED", `The workspace ${dir} is gone.`, {
      hint: left
        ? `Its commits are on ${marker.branch}. Get a workspace again with: berth claim ${marker.session}`
        : `Get a workspace again with: berth claim ${marker.session}`,
      facts: { dir, branch: marker.branch, commit: left },
    });
  }
  const status = await readStatus(project.git, dir);
  if (status.branch !== marker.branch) {
    throw new BerthError(
      "FAILED",
      `The workspace ${dir} is on ${status.branch ?? "no branch"}, not on ${marker.branch}.`,
      {
        hint: `Go back to the session's branch there with: git switch ${marker.branch}`,
        facts: { dir, branch: status.branch, wanted: marker.branch },
      },
    );
  }
  const commit = status.head as Oid;
  if (marker.kind === "clone") await fetchFromClone(project, dir, marker.branch, commit);
  return { commit, status };
}

async function fetchFromClone(project: Project, dir: string, branch: string, commit: Oid): Promise<void> {
  const ref = branchRef(branch);
  const old = await resolveCommit(project.objects, ref);
  if (old === commit) return;
  await run(project.git, [
    "fetch",
    "--quiet",
    "--no-tags",
    "--no-write-fetch-head",
    "--no-auto-maintenance",
    pathToFileURL(dir).href,
    ref,
  ]);
  const elsewhere = (await listWorktrees(project.git)).some((w) => w.branch === ref);
  if (elsewhere) return anchor(project, branch, commit);
  if (old && !(await isAncestor(project.git, old, commit))) await anchor(project, branch, old);
  await updateRefs(project.git, [{ ref, old, new: commit }], "berth: from the workspace");
}

/** Keeps a commit under a name of its own, where the session branch cannot hold it. */
async function anchor(project: Project, branch: string, commit: Oid): Promise<void> {
  const kept = branchRef(`${branch}-kept-${commit.slice(0, 10)}`);
  const old = await resolveCommit(project.objects, kept);
  await updateRefs(project.git, [{ ref: kept, old, new: commit }], "berth: keep");
}

import { constants } from "node:fs";
import { access, copyFile, mkdir, mkdtemp, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isoSeconds, unixSeconds } from "../clock.ts";
import { type Oid, oid, refName, type RefName } from "../git/names.ts";
import { updateRefs } from "../git/refs.ts";
import { run, text } from "../git/run.ts";
import type { Status } from "../git/status.ts";
import { writeCommit } from "../git/write.ts";
import { type Project, reach, scratchDir } from "../project.ts";

/** A commit that holds what a workspace had beyond its last commit. */
export interface Snapshot {
  readonly ref: RefName;
  readonly commit: Oid;
  /** Paths that differ from the last commit. */
  readonly files: number;
}

/**
 * Keeps uncommitted work reachable: a commit on top of the workspace's HEAD with its tracked changes and untracked
 * files, under `refs/berth/checkpoints/<session>/`. It is made with a copy of the index; the workspace is not touched.
 * A clone's snapshot is brought into the parent repository.
 * @returns null when there is nothing beyond HEAD
 */
export async function takeSnapshot(
  project: Project,
  workspace: { readonly dir: string; readonly gitDir: string; readonly session: string; readonly clone: boolean },
  status: Status,
  reason: string,
): Promise<Snapshot | null> {
  const files = new Set([...status.changed, ...status.untracked]).size;
  if (files === 0) return null;
  const head = oid(status.head);
  const git = { ...project.git, dir: workspace.dir };
  const now = project.clock.now();
  await mkdir(scratchDir(project), { recursive: true });
  const scratch = await mkdtemp(join(scratchDir(project), "snapshot-"));
  try {
    const env = { GIT_INDEX_FILE: join(scratch, "index") };
    await copyIndex(join(workspace.gitDir, "index"), env.GIT_INDEX_FILE);
    // The team's filters run as for any `git add`; `add --all` honours .gitignore and leaves ignored files alone.
    await run(git, ["add", "--all", "--", ":/"], { env });
    const tree = oid(await text(git, ["write-tree"], { env }));
    const message = `[${workspace.session}] snapshot: ${reason}\n\nUncommitted work on top of ${head}.\n`;
    const plan = { tree, parents: [head], message, author: project.caller, seconds: unixSeconds(now) };
    const commit = await writeCommit(git, plan, false);
    const stamp = isoSeconds(now).replaceAll(/[-:]/g, "");
    const ref = refName(`refs/berth/checkpoints/${workspace.session}/${stamp}-${commit.slice(0, 8)}`);
    if (workspace.clone) {
      await updateRefs(git, [{ ref, old: null, new: commit }], "berth: snapshot");
      await run(project.git, [
        "fetch",
        "--quiet",
        "--no-tags",
        "--no-write-fetch-head",
        pathToFileURL(workspace.dir).href,
        `${ref}:${ref}`,
      ]);
    } else await updateRefs(project.git, [{ ref, old: null, new: commit }], "berth: snapshot");
    await reach(project, "snapshot.taken", ref);
    return { ref, commit, files };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** With its times: git trusts an index only as far as it is younger than the files it describes. */
async function copyIndex(from: string, to: string): Promise<void> {
  if (
    !(await access(from, constants.R_OK).then(
      () => true,
      () => false,
    ))
  )
    return;
  const times = await stat(from);
  await copyFile(from, to);
  await utimes(to, times.atime, times.mtime);
}

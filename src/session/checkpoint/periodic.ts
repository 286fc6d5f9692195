import type { Manifest } from "../../checkpoint/manifest.ts";
import { checkpointRefs, readCheckpoint } from "../../checkpoint/read.ts";
import { shareCheckpoint } from "../../checkpoint/share.ts";
import { capture, type Checkpoint, nameCheckpoint, withObjects } from "../../checkpoint/take.ts";
import { isBerthError } from "../../errors.ts";
import type { Oid } from "../../git/names.ts";
import type { Project } from "../../project.ts";
import { workspaceHere } from "../../workspace/find.ts";
import { pruneAfter } from "./prune.ts";
import { subjectOf } from "./subject.ts";

/**
 * Keeps the workspace one stands in, where it holds anything that neither its last commit nor its newest checkpoint
 * has: what a running agent does now and then. [XCS-19]
 * @returns null where there is nothing new, and outside a workspace
 */
export async function checkpointIfChanged(project: Project): Promise<{ readonly checkpoint: Checkpoint | null }> {
  const here = await workspaceHere(project);
  if (here === null || here.dir === null) return { checkpoint: null };
  const subject = await subjectOf(here);
  const refs = await checkpointRefs(project, subject.session);
  const newest = await samenessOf(project, refs.at(-1));
  const taken = await withObjects(project, subject, async (objects) => {
    const unless = (manifest: Manifest): boolean => sameness(manifest) === newest;
    const { built } = await capture(project, objects, subject, { message: "now and then", state: null }, { unless });
    return built && nameCheckpoint(project, subject, built);
  });
  if (taken) {
    await pruneAfter(project, subject.session, [...refs, [taken.ref, taken.commit]]);
    await shareCheckpoint(project, taken);
  }
  return { checkpoint: taken };
}

/** What the newest checkpoint holds; null where there is none, or none that can be read. */
async function samenessOf(
  project: Project,
  newest: readonly [ref: string, commit: Oid] | undefined,
): Promise<string | null> {
  if (newest === undefined) return null;
  try {
    return sameness((await readCheckpoint(project, ...newest)).manifest);
  } catch (error) {
    if (isBerthError(error) && error.code === "UNREADABLE") return null;
    throw error;
  }
}

/** Equal for two that hold the same; what git notes of the files' times counts for nothing. */
function sameness({ head, branch, tree, staged, files, gone, folders, nested, operation }: Manifest): string {
  const permissions = files.map((file) => [file.path, file.permissions]);
  return JSON.stringify([head, branch, tree, staged, permissions, gone, folders, nested, operation]);
}

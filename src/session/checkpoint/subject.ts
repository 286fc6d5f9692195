import { lstat } from "node:fs/promises";
import type { Subject } from "../../checkpoint/build.ts";
import { BerthError } from "../../errors.ts";
import type { Workspace } from "../../workspace/marker.ts";

/**
 * A workspace as checkpoints are taken of it.
 * @throws BerthError WRONG_STATE for a claim without a workspace, FAILED when its folder is gone
 */
export async function subjectOf({ dir, gitDir, marker }: Workspace): Promise<Subject> {
  if (dir === null)
    throw new BerthError("WRONG_STATE", `${marker.session} was claimed without a workspace.`, {
      hint: `Make one with: berth claim ${marker.session}`,
    });
  if (!(await lstat(dir).catch(() => null)))
    throw new BerthError("FAILED", `The workspace ${dir} is gone.`, {
      hint: `What was kept of it is shown by: berth checkpoint list ${marker.session}`,
      facts: { dir, session: marker.session },
    });
  return { dir, gitDir, session: marker.session, clone: marker.kind === "clone" };
}

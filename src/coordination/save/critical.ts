import { BerthError, isBerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { type LockPath, lockPath } from "../lock/lock-path.ts";

/**
 * The files that the setting `live.critical` names.
 * @throws BerthError INVALID naming the setting, as nothing else that was typed holds the pattern
 */
export async function criticalPaths(project: Project): Promise<LockPath[]> {
  const top = project.here.top ?? project.cwd;
  const paths: LockPath[] = [];
  for (const pattern of project.config.live.critical) {
    try {
      paths.push(await lockPath({ top, cwd: top }, pattern));
    } catch (error) {
      if (!isBerthError(error)) throw error;
      throw new BerthError("INVALID", `The setting live.critical: ${error.message}`, {
        hint: `Mend it in .berth/config.yaml. ${error.hint ?? ""}`.trim(),
        facts: { setting: "live.critical", pattern },
        cause: error,
      });
    }
  }
  return paths;
}

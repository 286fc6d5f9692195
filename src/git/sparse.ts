import { access } from "node:fs/promises";
import { join } from "node:path";
import { type Git, run } from "./run.ts";

/** Whether a work tree leaves folders out. */
export async function isSparse(worktreeGitDir: string): Promise<boolean> {
  return access(join(worktreeGitDir, "info", "sparse-checkout")).then(
    () => true,
    () => false,
  );
}

/**
 * Shows only these top folders (and the files beside them) in a work tree. The rest stays in the index as one entry a
 * folder, so that its size costs nothing; files there that are not committed stay where they are.
 */
export async function showOnly(git: Git, dir: string, folders: readonly string[]): Promise<void> {
  await run(git, ["sparse-checkout", "set", "--cone", "--sparse-index", ...folders], { dir });
}

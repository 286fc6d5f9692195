import { dirname } from "node:path";
import { BerthError } from "../errors.ts";
import { type Git, GitError, run } from "./run.ts";
import { shellWord } from "../shell-word.ts";

/**
 * Git looks for its pointer in the folders above as well: where it is gone from a checkout, everything would be asked
 * of, and done to, the repository around it.
 * @throws BerthError FAILED where the folder is no checkout of its own
 */
export async function requireOwnCheckout(git: Git, dir: string): Promise<void> {
  try {
    await run(git, ["rev-parse", "--git-dir"], { dir, env: { GIT_CEILING_DIRECTORIES: dirname(dir) } });
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new BerthError("FAILED", `${dir} is no checkout of git's any more: ${error.stderr.trim()}.`, {
      hint: `Its files are untouched. Where git's pointer (.git) is gone, this writes it anew: git worktree repair ${shellWord(dir)}`,
      facts: { dir },
      cause: error,
    });
  }
}

import { BerthError } from "../../errors.ts";
import { GitError, run } from "../../git/run.ts";
import type { Project } from "../../project.ts";

/**
 * Reads the hub's base branch and every branch that work is done on. What the hub has no more is kept as it was last
 * seen: it may be the last copy.
 * @throws BerthError HUB_UNREACHABLE
 */
export async function fetchWork({ hub, config, git }: Project): Promise<void> {
  if (hub.kind === "local") return;
  await hub.fetch([config.base]);
  const seen = hub.seen("x").slice(0, -1);
  const remote = seen.slice("refs/remotes/".length, -1);
  const specs = ["session", "phase"].map((kind) => `+refs/heads/${kind}/*:${seen}${kind}/*`);
  try {
    await run(git, [
      "fetch",
      "--quiet",
      "--no-tags",
      "--no-write-fetch-head",
      "--no-recurse-submodules",
      "--no-auto-maintenance",
      "--",
      remote,
      ...specs,
    ]);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new BerthError("HUB_UNREACHABLE", `The branches of the hub could not be read through "${remote}".`, {
      hint: `Check the connection and the permission with: git ls-remote ${remote}`,
      cause: error,
      facts: { remote, said: error.message },
    });
  }
}

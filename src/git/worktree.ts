import { type Git, fields, run, text } from "./run.ts";
import type { Oid } from "./names.ts";

/** One work tree of the repository, as git lists it. */
export interface Worktree {
  readonly path: string;
  readonly head: string | null;
  /** Full reference name, or null when HEAD is detached. */
  readonly branch: string | null;
  readonly bare: boolean;
  /** git found its folder missing. */
  readonly prunable: boolean;
}

/** All work trees, the main one first. */
export async function listWorktrees(git: Git): Promise<Worktree[]> {
  const found: Worktree[] = [];
  let entry: Record<string, string> = {};
  const finish = (): void => {
    if (entry["worktree"] !== undefined) {
      found.push({
        path: entry["worktree"],
        head: entry["HEAD"] ?? null,
        branch: entry["branch"] ?? null,
        bare: "bare" in entry,
        prunable: "prunable" in entry,
      });
    }
    entry = {};
  };
  for (const field of [...(await fields(git, ["worktree", "list", "--porcelain", "-z"])), ""]) {
    if (field === "") {
      finish();
      continue;
    }
    const space = field.indexOf(" ");
    entry[space < 0 ? field : field.slice(0, space)] = space < 0 ? "" : field.slice(space + 1);
  }
  return found;
}

/** Adds a work tree at `path` on an existing branch, or detached at a commit. */
export async function addWorktree(
  git: Git,
  path: string,
  at: { branch: string } | { detached: Oid },
  options: { checkout?: boolean } = {},
): Promise<void> {
  const args = ["worktree", "add", "--quiet"];
  if (options.checkout === false) args.push("--no-checkout");
  if ("detached" in at) args.push("--detach", "--", path, at.detached);
  else args.push("--", path, at.branch);
  await run(git, args);
}

/**
 * Removes a work tree's folder and git's record of it. The caller has shown that nothing in it would be lost: this is
 * the one place that forces.
 */
export async function removeWorktree(git: Git, path: string): Promise<void> {
  await run(git, ["worktree", "remove", "--force", "--force", "--", path]);
}

/** Tells git where a work tree is, after its folder was moved there. */
export async function repairWorktree(git: Git, path: string): Promise<void> {
  await run(git, ["worktree", "repair", "--", path]);
}

/** Sets a value for one work tree only (`extensions.worktreeConfig`). */
export async function setWorktreeConfig(
  git: Git,
  dir: string,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const on = await run(git, ["config", "--type=bool", "--get", "extensions.worktreeConfig"], { dir, accept: [1] });
  if (on.stdout.toString("utf8").trim() !== "true") await allowWorktreeConfig(git);
  for (const [key, value] of Object.entries(values)) await run(git, ["config", "--worktree", key, value], { dir });
}

/** As git-worktree(1) asks: what only the main work tree may see moves to its own file before the extension is on. */
async function allowWorktreeConfig(git: Git): Promise<void> {
  const common = await text(git, ["rev-parse", "--path-format=absolute", "--git-common-dir"]);
  for (const key of ["core.bare", "core.worktree"]) {
    const { stdout } = await run(git, ["config", "--file", `${common}/config`, "--get", key], { accept: [1] });
    const value = stdout.toString("utf8").trim();
    if (value === "" || (key === "core.bare" && value !== "true")) continue;
    await run(git, ["config", "--file", `${common}/config.worktree`, key, value]);
    await run(git, ["config", "--file", `${common}/config`, "--unset", key]);
  }
  await run(git, ["config", "--file", `${common}/config`, "extensions.worktreeConfig", "true"]);
}

import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type Git, fields, run, text } from "./run.ts";
import type { Oid, RefName } from "./names.ts";

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

/** Where git keeps what it knows of each work tree, by the folder of that work tree. */
export async function worktreeRecords(commonDir: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const name of await readdir(join(commonDir, "worktrees")).catch(() => [])) {
    const record = join(commonDir, "worktrees", name);
    const pointer = (await readFile(join(record, "gitdir"), "utf8").catch(() => "")).trim();
    if (pointer !== "") found.set(dirname(resolve(record, pointer)), record);
  }
  return found;
}

/**
 * The work tree that has a branch checked out. All are listed only when the HEAD file of one may name the branch.
 * @param commonDir the git directory that they share
 */
export async function findWorktree(git: Git, commonDir: string, branch: RefName): Promise<Worktree | undefined> {
  const names = await readdir(join(commonDir, "worktrees")).catch(() => []);
  const dirs = [commonDir, ...names.map((name) => join(commonDir, "worktrees", name))];
  const heads = await Promise.all(dirs.map((dir) => readFile(join(dir, "HEAD"), "utf8").catch(() => "")));
  // Where references are kept in tables, the file names a branch that cannot be.
  if (!heads.some((head) => head.includes(branch) || head.includes("refs/heads/.invalid"))) return undefined;
  return (await listWorktrees(git)).find((worktree) => worktree.branch === branch);
}

/**
 * Whether an operation that stands in a checkout goes back to a branch when it ends, as a rebase and a bisection do: git
 * counts the branch as checked out there all the while.
 */
export async function isComeBackTo(commonDir: string, branch: RefName): Promise<boolean> {
  const names = await readdir(join(commonDir, "worktrees")).catch(() => []);
  const short = branch.slice("refs/heads/".length);
  for (const dir of [commonDir, ...names.map((name) => join(commonDir, "worktrees", name))])
    for (const file of ["rebase-merge/head-name", "rebase-apply/head-name", "BISECT_START"]) {
      const said = (await readFile(join(dir, file), "utf8").catch(() => "")).trim();
      if (said === branch || said === short) return true;
    }
  return false;
}

/** Adds a work tree at `path` on an existing branch, or detached at a commit. */
export async function addWorktree(
  git: Git,
  path: string,
  at: { branch: string } | { detached: Oid },
  options: { checkout?: boolean; force?: boolean } = {},
): Promise<void> {
  const args = ["worktree", "add", "--quiet"];
  if (options.force === true) args.push("--force");
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

/**
 * Gives a new work tree settings of its own (`extensions.worktreeConfig`). They are added to its file at once, where
 * later values win: a run of git for each would cost more than the rest.
 * @param options.allowed the caller knows that the extension is on
 */
export async function setWorktreeConfig(
  git: Git,
  dir: string,
  values: Readonly<Record<string, string>>,
  options: { readonly allowed: boolean } = { allowed: false },
): Promise<void> {
  if (!options.allowed) {
    const on = await run(git, ["config", "--type=bool", "--get", "extensions.worktreeConfig"], { accept: [1] });
    if (on.stdout.toString("utf8").trim() !== "true") await allowWorktreeConfig(git);
  }
  const file = join(await gitDirOf(git, dir), "config.worktree");
  const before = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const added = Object.entries(values).map(([name, value]) => settingText(name, value));
  const text = `${before === "" || before.endsWith("\n") ? "" : "\n"}${added.join("")}`;
  if (before.endsWith(text)) return;
  await writeFile(`${file}.new`, before + text, { flush: true });
  await rename(`${file}.new`, file);
}

/** The git directory of a work tree, by the pointer at its top. */
export async function gitDirOf(git: Git, dir: string): Promise<string> {
  const pointer = await readFile(join(dir, ".git"), "utf8").catch(() => "");
  const path = /^gitdir: (.+)$/m.exec(pointer)?.[1];
  return path === undefined
    ? text(git, ["rev-parse", "--path-format=absolute", "--git-dir"], { dir })
    : resolve(dir, path);
}

/** One setting in the syntax of git-config(1). */
function settingText(name: string, value: string): string {
  const [section, key] = name.split(".");
  const escaped = value.replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t");
  return `[${section}]\n\t${key} = "${escaped}"\n`;
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

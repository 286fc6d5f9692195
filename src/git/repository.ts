import { basename, dirname, resolve } from "node:path";
import { BerthError } from "../errors.ts";
import { type Git, run } from "./run.ts";

/** Where a checkout and its repository are; all paths absolute. */
export interface Repository {
  /** Top of the work tree that holds the directory asked about; null inside a bare repository or a git directory. */
  readonly top: string | null;
  /** The git directory of that work tree. */
  readonly gitDir: string;
  /** The git directory shared by all work trees. */
  readonly commonDir: string;
  /** Top of the main work tree; null when the repository is bare. */
  readonly mainTop: string | null;
  readonly objectFormat: "sha1" | "sha256";
}

/**
 * Finds the repository around `git.dir`.
 * @throws BerthError NOT_A_REPOSITORY
 */
export async function findRepository(git: Git): Promise<Repository> {
  // Paths come last: they alone may hold a line end. Outside a work tree git prints all but the top, and fails.
  const args = ["rev-parse", "--path-format=absolute", "--show-object-format", "--is-inside-work-tree"];
  const { code, stdout, stderr } = await run(git, [...args, ...GIT_DIRS, "--show-toplevel"], { accept: [128] });
  const [objectFormat, inside, gitDir, commonDir, ...top] = stdout.toString("utf8").replace(/\n$/, "").split("\n");
  if (gitDir === undefined || commonDir === undefined || (code !== 0 && inside === "true")) {
    throw new BerthError("NOT_A_REPOSITORY", `No git repository here: ${git.dir}.`, {
      hint: stderr.includes("dubious ownership")
        ? "git refuses repositories of other users; see safe.directory in git-config(1)."
        : "Go to a git repository, or name one with -C DIR.",
    });
  }
  if (top.length !== (inside === "true" ? 1 : 0) && !(await arePlain(git))) {
    throw new BerthError("INVALID", `The path of this repository holds a line end: ${JSON.stringify(git.dir)}.`, {
      hint: "Rename that folder; git writes such paths into files of one line.",
    });
  }
  const here = inside === "true" ? top.join("\n") : null;
  return {
    top: here,
    gitDir,
    commonDir,
    mainTop: gitDir === commonDir ? here : await mainTop(git, commonDir),
    objectFormat: objectFormat === "sha256" ? "sha256" : "sha1",
  };
}

const GIT_DIRS = ["--git-dir", "--git-common-dir"];

/** Whether the paths of the git directories hold no line end, where more lines than paths were printed. */
async function arePlain(git: Git): Promise<boolean> {
  const { stdout } = await run(git, ["rev-parse", "--path-format=absolute", ...GIT_DIRS]);
  return stdout.toString("utf8").replace(/\n$/, "").split("\n").length === GIT_DIRS.length;
}

/**
 * The main work tree, seen from a linked one: what `core.worktree` says (of a submodule, or with a separate git
 * directory), else the folder of `.git`; null for a bare repository.
 */
async function mainTop(git: Git, commonDir: string): Promise<string | null> {
  const args = ["--git-dir", commonDir, "config", "-z", "--get-regexp", "^core\\.(bare|worktree)$"];
  const { stdout } = await run(git, args, { accept: [1] });
  const said = stdout.toString("utf8").split("\0");
  const bare = said.findLast((entry) => entry.startsWith("core.bare"))?.slice("core.bare\n".length);
  if (bare !== undefined && !/^(?:false|no|off|0)$/i.test(bare)) return null;
  const worktree = said.findLast((entry) => entry.startsWith("core.worktree\n"))?.slice("core.worktree\n".length);
  if (worktree !== undefined) return resolve(commonDir, worktree);
  return basename(commonDir) === ".git" ? dirname(commonDir) : null;
}

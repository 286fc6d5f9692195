import { constants } from "node:fs";
import { access, cp, lstat, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fields, run, text } from "../git/run.ts";
import { type Project, reach, scratchDir } from "../project.ts";
import { runCommand } from "./command.ts";
import { addLines, LINK_COMMENT } from "./exclude.ts";
import type { Workspace } from "./marker.ts";
import { recordPrepared } from "./prepared.ts";

/** The file in which a team names the ignored files that a workspace needs, in gitignore syntax. */
const INCLUDE_FILE = ".worktreeinclude";

/**
 * Makes a new workspace ready to run: copies or links the ignored files that settings name, runs `setup`, and writes
 * down which ignored files Berth made, so that a removal knows them from the agent's own.
 * @returns what went wrong, for the holder to read; the claim stands all the same
 */
export async function prepareWorkspace(
  project: Project,
  workspace: Workspace,
  env: Readonly<Record<string, string>>,
): Promise<string[]> {
  const { dir } = workspace;
  if (dir === null) return [];
  const warnings = await bringIgnored(project, dir);
  const { setup } = project.config.workspace;
  if (setup !== "") {
    await reach(project, "workspace.prepared", `setup: ${setup.split("\n")[0]}`);
    const log = join(workspace.gitDir, "berth-setup.log");
    const vars = { ...project.commandEnv, ...env };
    const result = await runCommand(setup, { dir, env: vars, log, signal: project.signal });
    if (result.code !== 0) {
      warnings.push(
        `setup failed (exit ${result.code}); its output is in ${log}. Last words: ${result.tail.slice(-300)}`,
      );
    }
  }
  await recordPrepared(project.git, workspace, setup !== "" || (await bringsAny(project)));
  await reach(project, "workspace.prepared", dir);
  return warnings;
}

/** Whether anything says that ignored files are to be brought. */
export async function bringsAny(project: Project): Promise<boolean> {
  const { copy, link } = project.config.workspace;
  return copy.length > 0 || link.length > 0 || (await hasIncludeFile(project.repository.mainTop));
}

async function hasIncludeFile(main: string | null): Promise<boolean> {
  if (main === null) return false;
  return access(join(main, INCLUDE_FILE), constants.R_OK).then(
    () => true,
    () => false,
  );
}

/** Copies and links ignored files of the main checkout into `dir`. */
export async function bringIgnored(project: Project, dir: string): Promise<string[]> {
  const main = project.repository.mainTop;
  if (main === null) return [];
  const { copy, link } = project.config.workspace;
  const included = await hasIncludeFile(main);
  const warnings: string[] = [];
  if (included || copy.length > 0) {
    for (const path of await ignoredMatching(project, main, copy, included, false)) {
      await place(main, dir, path, "copy").catch((error: Error) =>
        warnings.push(`${path} was not copied: ${error.message}`),
      );
    }
  }
  if (link.length > 0) {
    for (const path of await ignoredMatching(project, main, link, false, true)) {
      await place(main, dir, path, "link").catch((error: Error) =>
        warnings.push(`${path} was not linked: ${error.message}`),
      );
      await keepIgnored(project, dir, path);
    }
  }
  return warnings;
}

/** A rule such as `node_modules/` means folders alone and not a link to one. */
async function keepIgnored(project: Project, dir: string, path: string): Promise<void> {
  const link = await lstat(join(dir, path)).catch(() => null);
  if (!link?.isSymbolicLink()) return;
  const ignored = await run(project.git, ["check-ignore", "--quiet", "--", path], { dir, accept: [1, 128] });
  if (ignored.code !== 1) return;
  const file = await text(project.git, ["rev-parse", "--path-format=absolute", "--git-path", "info/exclude"], { dir });
  await addLines(file, [`/${path.replaceAll(/[\\*?[\]#! ]/g, String.raw`\$&`)}`], LINK_COMMENT);
}

async function ignoredMatching(
  project: Project,
  main: string,
  patterns: readonly string[],
  includeFile: boolean,
  folders: boolean,
): Promise<string[]> {
  const args = ["ls-files", "-z", "--others", "--ignored"];
  if (folders) args.push("--directory");
  if (includeFile) args.push(`--exclude-from=${join(main, INCLUDE_FILE)}`);
  if (patterns.length > 0) {
    await mkdir(scratchDir(project), { recursive: true });
    const file = join(scratchDir(project), `patterns-${process.pid}-${folders ? "link" : "copy"}`);
    await writeFile(file, `${patterns.join("\n")}\n`);
    args.push(`--exclude-from=${file}`);
  }
  const matching = await fields(project.git, args, { dir: main });
  const { ledger, workspace } = project.config;
  const ours = [ledger.path, workspace.worktrees, workspace.clones, ".git"].map((p) => `${p}/`);
  const candidates = matching.filter((path) => !ours.some((p) => path.startsWith(p)));
  if (candidates.length === 0) return [];
  const checked = await run(project.git, ["check-ignore", "-z", "--stdin"], {
    dir: main,
    input: `${candidates.join("\0")}\0`,
    accept: [1],
  });
  return checked.stdout
    .toString("utf8")
    .split("\0")
    .filter((p) => p !== "")
    .map((p) => p.replace(/\/$/, ""));
}

async function place(main: string, dir: string, path: string, how: "copy" | "link"): Promise<void> {
  const target = join(dir, path);
  if (await lstat(target).catch(() => null)) return;
  await makeFolder(dir, dirname(path));
  if (how === "link") await symlink(join(main, path), target);
  else
    await cp(join(main, path), target, {
      recursive: true,
      verbatimSymlinks: true,
      mode: constants.COPYFILE_FICLONE,
      errorOnExist: true,
    });
}

/** Makes a folder below `dir`, through plain folders alone: a link that is part of the work may lead anywhere. */
async function makeFolder(dir: string, path: string): Promise<void> {
  let at = dir;
  for (const part of path.split("/")) {
    at = join(at, part);
    const there = await lstat(at).catch(() => null);
    if (there && !there.isDirectory()) throw new Error(`its folder is no folder in the workspace (${part})`);
    if (!there) await mkdir(at);
  }
}

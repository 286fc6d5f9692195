import { readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { type FileText, readText } from "../../disk/text-file.ts";
import { BerthError, isBerthError, messageOf } from "../../errors.ts";
import { fields, type Git } from "../../git/run.ts";
import type { Project } from "../../project.ts";

const KINDS = /\.(?:[cm]?[jt]s|[jt]sx)$/;

/** The folder that is looked through, without links in its path. @throws BerthError NOT_FOUND */
export async function sourceFolder(path: string): Promise<string> {
  const folder = await realpath(path).catch(() => null);
  if (folder !== null && (await stat(folder)).isDirectory()) return folder;
  throw new BerthError("NOT_FOUND", `There is no folder ${path}.`, {
    hint: "Name the folder that has the calling code.",
    facts: { path },
  });
}

/** The source files below a folder, without what git ignores, installed packages and links. */
export async function sourcePaths(project: Pick<Project, "git">, folder: string): Promise<string[]> {
  const listed = (await gitPaths(project.git, folder)) ?? (await walk(folder, ""));
  const paths = listed.filter((path) => KINDS.test(path) && !path.split("/").includes("node_modules"));
  const own = await Promise.all(paths.map((path) => isOwnFile(folder, path)));
  return [...new Set(paths.filter((_, at) => own[at]))].sort();
}

/** Null where there is no repository. */
async function gitPaths(git: Git, folder: string): Promise<string[] | null> {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  try {
    return await fields(git, args, { dir: folder });
  } catch (error) {
    if (isBerthError(error) && /not a git repository|must be run in a work tree/.test(String(error.facts["stderr"])))
      return null;
    throw error;
  }
}

async function walk(folder: string, below: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory() && entry.name !== "node_modules" && entry.name !== ".git")
      found.push(...(await walk(folder, path)));
    if (entry.isFile()) found.push(path);
  }
  return found;
}

/** Whether it is a file at that very place: no link, and behind none. */
async function isOwnFile(folder: string, path: string): Promise<boolean> {
  const place = join(folder, ...path.split("/"));
  const real = await realpath(place).catch(() => null);
  return real === place && real.startsWith(folder + sep) && (await stat(real)).isFile();
}

/** A file's text, or why it has none. */
export async function sourceText(
  folder: string,
  path: string,
): Promise<(FileText & { readonly text: string }) | { readonly why: string }> {
  try {
    const { text, mode, stamp } = await readText(join(folder, path), path);
    return text === null ? { why: "it is gone" } : { text, mode, stamp };
  } catch (error) {
    return { why: messageOf(error) };
  }
}

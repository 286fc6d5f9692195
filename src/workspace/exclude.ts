import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Project } from "../project.ts";

/** The comment above our lines in ignore files. */
export const IGNORE_COMMENT = "# Berth: the ledger and workspaces have branches of their own";

/** The comment above each line for a link in a workspace. */
export const LINK_COMMENT = "# Berth: a link in workspaces";

/** What the base branch ignores: the ledger's folder and the workspaces. */
export function ignoredPaths(project: Pick<Project, "config">): string[] {
  const { ledger, workspace } = project.config;
  return [`/${ledger.path}/`, `/${workspace.worktrees}/`, `/${workspace.clones}/`];
}

/** Ignores them in this repository, also where the base branch's .gitignore does not say it yet. */
export async function excludeOurs(project: Pick<Project, "config" | "repository">): Promise<void> {
  await addLines(join(project.repository.commonDir, "info", "exclude"), ignoredPaths(project));
}

/** Adds the lines that a file of ignore rules lacks. @returns whether there were any */
export async function addLines(
  file: string,
  lines: readonly string[],
  above: string = IGNORE_COMMENT,
): Promise<boolean> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const known = new Set(text.split(/\r?\n/).map((line) => line.trim()));
  const missing = lines.filter((line) => !known.has(line));
  if (missing.length === 0) return false;
  await mkdir(dirname(file), { recursive: true });
  const gap = text === "" || text.endsWith("\n") ? "" : "\n";
  const comment = above === IGNORE_COMMENT && known.has(above) ? "" : `${above}\n`;
  await writeFile(file, `${text}${gap}${comment}${missing.join("\n")}\n`);
  return true;
}

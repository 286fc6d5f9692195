import { dirname, join } from "node:path";
import { requireInside } from "../../disk/inside.ts";
import { type FileText, replaceText } from "../../disk/text-file.ts";
import { type Project, scratchDir } from "../../project.ts";
import type { CodePlan } from "./plan.ts";

/**
 * Writes what was planned, each file at once.
 * @param read the files as they were when it was planned
 * @returns those that somebody has written since, which are as they were left by them
 */
export async function writeChanges(
  project: Pick<Project, "repository">,
  folder: string,
  changes: CodePlan["changes"],
  read: ReadonlyMap<string, FileText>,
): Promise<{ readonly path: string; readonly why: string }[]> {
  const refused: { path: string; why: string }[] = [];
  for (const { path, after } of changes) {
    const was = read.get(path);
    const file = join(folder, ...path.split("/"));
    await requireInside(folder, dirname(file));
    if (was && (await replaceText(file, after, was, scratchDir(project)))) continue;
    refused.push({ path, why: "somebody has written it meanwhile; run this again" });
  }
  return refused;
}

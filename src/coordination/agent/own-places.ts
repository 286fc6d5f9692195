import { sep } from "node:path";
import { worktreeRecords } from "../../git/worktree.ts";
import { homeDir, type Project } from "../../project.ts";

/**
 * Tells the folders of this repository, in which one name is one agent, from those of other clones: its main checkout
 * with all that lies in it, workspaces that are gone too, and its work trees elsewhere.
 */
export async function ownPlaces(project: Pick<Project, "repository" | "here">): Promise<(place: string) => boolean> {
  const home = homeDir(project);
  const trees = await worktreeRecords(project.repository.commonDir);
  return (place) => place === home || place === project.here.top || place.startsWith(home + sep) || trees.has(place);
}

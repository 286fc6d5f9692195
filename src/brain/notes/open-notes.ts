import { basename, dirname, join, resolve } from "node:path";
import { homeDir, type Project, stateDir } from "../../project.ts";
import type { NoteStore } from "./note-store.ts";

/**
 * The notes of the project that the caller stands in, by its settings: each workspace is one, unless `brain.project`
 * names one for all. [SIR-01]
 */
export async function openNotes(project: Project): Promise<NoteStore> {
  const { config } = project;
  if (config.brain.store === "embedded") {
    const { embeddedNotes } = await import("./embedded.ts");
    const folder = config.brain.path || join(stateDir(project), "brain");
    return embeddedNotes(project, resolve(homeDir(project), folder), config.brain.project || placeName(project));
  }
  // A protocol and its library, which who has files need not read.
  const { openServerNotes } = await import("./open-server.ts");
  return openServerNotes(project, placeName(project));
}

/** A workspace's name among those of its repository; it stays when the folder is moved. */
function placeName({ here, repository }: Project): string {
  if (here.gitDir === repository.commonDir) return "main";
  const linked = dirname(here.gitDir) === join(repository.commonDir, "worktrees");
  return linked ? `worktree-${basename(here.gitDir)}` : `clone-${basename(dirname(here.gitDir))}`;
}

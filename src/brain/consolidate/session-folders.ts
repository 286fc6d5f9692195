import { cp, mkdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { randomHex } from "../../hash.ts";
import { type Project, stateDir } from "../../project.ts";

/** Folders that sessions of before had on this machine, where the system keeps the states of programs. */
export async function sessionFolders(project: Project, ids: readonly string[]): Promise<readonly string[]> {
  const top = join(dirname(project.machineDir), "brain", "sessions");
  const found: string[] = [];
  for (const id of ids.filter((one) => basename(one) === one && !one.startsWith(".")))
    if ((await stat(join(top, id)).catch(() => null))?.isDirectory()) found.push(join(top, id));
  return found;
}

/** Moves a folder into the archive of this repository. @returns where it is now */
export async function archiveFolder(project: Project, folder: string): Promise<string> {
  const archive = join(stateDir(project), "brain", "archive");
  await mkdir(archive, { recursive: true });
  const wanted = join(archive, basename(folder));
  const target = (await stat(wanted).catch(() => null)) === null ? wanted : `${wanted}-${randomHex(4)}`;
  try {
    await rename(folder, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    // To another disk it is copied under another name first, so that a killed run leaves no half one.
    const part = `${target}.part`;
    await cp(folder, part, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    await rename(part, target);
    await rm(folder, { recursive: true });
  }
  return target;
}

import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Project, stateDir } from "../project.ts";

/** When this machine last read the hub, in ms since the epoch; null when never. A local hub is always current. */
export async function lastFetch(project: Project): Promise<number | null> {
  if (project.hub.kind === "local") return project.clock.now();
  const text = await readFile(file(project), "utf8").catch(() => "");
  const at = Number(text);
  return text !== "" && Number.isFinite(at) ? at : null;
}

/** Notes that the hub was read now. */
export async function rememberFetch(project: Project): Promise<void> {
  if (project.hub.kind === "local") return;
  await mkdir(stateDir(project), { recursive: true });
  const temporary = `${file(project)}.${process.pid}`;
  await writeFile(temporary, String(project.clock.now()));
  await rename(temporary, file(project));
}

function file(project: Project): string {
  return join(stateDir(project), "fetched");
}

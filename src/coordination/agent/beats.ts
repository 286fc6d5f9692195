import { mkdir, rm, utimes, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { beatFile, type Project } from "../../project.ts";
import { heard, stillHeard } from "./heard.ts";

/** Remembers on this machine that an agent was heard, so that its next call knows whether a beat is due. */
export async function rememberBeat(project: Project, id: string): Promise<void> {
  if (project.store.rehearses) return;
  const file = beatFile(project, id);
  const at = project.clock.now() / 1000;
  try {
    await mkdir(dirname(file), { recursive: true });
    await utimes(file, at, at).catch(() => writeFile(file, ""));
  } catch {
    // Without it the agent is heard when it calls a verb of the live layer.
  }
}

/**
 * A sign of life of the caller, if it is still registered. @see rememberBeat
 * @param begins whether its call begins, or goes on
 */
export async function beatOfCaller(project: Project, begins: boolean): Promise<void> {
  const id = project.caller.name;
  const known = await project.store.tell((tx) => (begins ? heard : stillHeard)(tx, id), project.signal);
  if (known) await rememberBeat(project, id);
  else await rm(beatFile(project, id), { force: true });
}

import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isoSeconds } from "../clock.ts";
import { type Project, stateDir } from "../project.ts";

/** When this machine last read the hub, in ms since the epoch; null when never. A local hub is always current. */
async function lastFetch(project: Project): Promise<number | null> {
  if (project.hub.kind === "local") return project.clock.now();
  const text = await readFile(file(project), "utf8").catch(() => "");
  const at = Number(text);
  return text !== "" && Number.isFinite(at) ? at : null;
}

/** Which ledger an answer was read from. */
export interface LedgerAge {
  readonly commit: string;
  /** When this machine last read the hub; null when it never did. */
  readonly fetchedAt: string | null;
  readonly ageMs: number | null;
}

/** How old the ledger is that an answer rests on. */
export async function ledgerAge(project: Project, commit: string): Promise<LedgerAge> {
  const at = await lastFetch(project);
  return {
    commit,
    fetchedAt: at === null ? null : isoSeconds(at),
    ageMs: at === null ? null : Math.max(0, project.clock.now() - at),
  };
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

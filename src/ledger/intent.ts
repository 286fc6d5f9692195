import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Oid } from "../git/names.ts";
import { type Project, stateDir } from "../project.ts";
import { withMutex } from "../store/mutex.ts";
import { sha256 } from "../hash.ts";

/**
 * What a claim is about to become, written before the push: with it a rerun after a kill proves that the claim in the
 * ledger is its own. Kept per agent and session; only its writer's queue may use it.
 */
export interface Intent {
  readonly session: string;
  readonly kind: "worktree" | "clone" | "none";
  readonly epoch: number;
  readonly token: string;
  readonly agent: string;
  /** The branch that the session is worked on; an intent of an older version does not say it. */
  readonly branch?: string;
  /** The ledger commit that was being pushed. */
  readonly commit: Oid;
}

/** What an intent is filed under: a session's id, or `next` for a claim of whatever fits best. */
export type Slot = string;

/**
 * Runs `work` while no other process of this machine works under the same agent's intent in this slot. A second
 * process of the same name waits here, so it can never take a living process's intent for a dead one's.
 */
export async function withIntent<T>(project: Project, filed: Slot, work: () => Promise<T>): Promise<T> {
  const slot = Number.parseInt(key(project, filed).slice(0, 2), 16) % 64;
  const file = join(stateDir(project), "locks", `intent-${slot}.lock`);
  const what = `another claim by ${project.caller.name}`;
  return withMutex(file, { clock: project.clock, waitMs: 600_000, what, signal: project.signal }, work);
}

/** How long a push that outlived its killed process may still arrive. */
const LATE_MS = 3_600_000;

/**
 * The intents of runs that were killed, or that have not been told how their push ended. There may be several: git may
 * outlive the run that started it, and publish after the next run has looked.
 */
export async function readIntents(project: Project, filed: Slot): Promise<Intent[]> {
  const intents: Intent[] = [];
  const dir = folderOf(project, filed);
  const start = `${key(project, filed).slice(0, 16)}.`;
  for (const name of (await readdir(dir).catch(() => [])).filter((n) => n.startsWith(start) && n.endsWith(".json"))) {
    const file = join(dir, name);
    const at = (await stat(file).catch(() => null))?.mtimeMs ?? 0;
    if (at < project.clock.now() - LATE_MS) await rm(file, { force: true });
    else intents.push(JSON.parse(await readFile(file, "utf8")) as Intent);
  }
  return intents;
}

export async function storeIntent(project: Project, filed: Slot, intent: Intent): Promise<void> {
  const file = path(project, filed, intent.token);
  await mkdir(join(file, ".."), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.${process.pid}`, JSON.stringify(intent), { mode: 0o600, flush: true });
  await rename(`${file}.${process.pid}`, file);
}

export async function dropIntent(project: Project, filed: Slot, token: string): Promise<void> {
  await rm(path(project, filed, token), { force: true });
}

function key(project: Project, filed: Slot): string {
  return sha256(`${filed}\0${project.caller.name}`);
}

function folderOf(project: Project, filed: Slot): string {
  return join(stateDir(project), "intents", filed);
}

function path(project: Project, filed: Slot, token: string): string {
  return join(folderOf(project, filed), `${key(project, filed).slice(0, 16)}.${token.slice(0, 16)}.json`);
}

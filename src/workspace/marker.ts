import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { BerthError } from "../errors.ts";
import { dirname, join } from "node:path";
import { type Project, homeDir, stateDir } from "../project.ts";
import { shortHash } from "../hash.ts";

/**
 * Berth's mark in a workspace's own git directory: that Berth made it, for which claim, and the token that proves the
 * claim. It is never committed and never shared.
 */
export interface Marker {
  readonly version: 1;
  readonly session: string;
  readonly epoch: number;
  readonly token: string;
  readonly agent: string;
  readonly email: string;
  /** `none` for a claim without a workspace. */
  readonly kind: "worktree" | "clone" | "none";
  readonly branch: string;
  /** The directory the caller opens the parent repository from. */
  readonly parent: string;
  readonly port: number | null;
  readonly createdAt: string;
}

/** A workspace on this machine: its mark, and where it is now. */
export interface Workspace {
  readonly marker: Marker;
  /** Top of its work tree; null for a claim without a workspace. */
  readonly dir: string | null;
  /** The folder that holds the mark. */
  readonly gitDir: string;
}

const FILE = "berth.json";

/** Endings of a workspace's folder, behind a dot: while it is looked at for the last time, and when it may go. */
export const ASIDE = ".removing";
export const DOOMED = ".removed";
/** The ending of a clone that is still being made. */
export const PART = ".part";

/** The mark in a git directory, or null. Damage is not taken for absence. */
export async function readMarker(gitDir: string): Promise<Marker | null> {
  const text = await readFile(join(gitDir, FILE), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw error;
  });
  if (text === null) return null;
  try {
    return JSON.parse(text) as Marker;
  } catch (error) {
    throw new BerthError("UNREADABLE", `${join(gitDir, FILE)} is damaged.`, {
      hint: "It holds the proof of a claim. Its work is untouched on the session's branch; a person can take the session over: berth recover",
      cause: error,
    });
  }
}

export async function writeMarker(gitDir: string, marker: Marker): Promise<void> {
  await mkdir(gitDir, { recursive: true });
  const temporary = join(gitDir, `${FILE}.${process.pid}`);
  await writeFile(temporary, JSON.stringify(marker, null, 2), { mode: 0o600, flush: true });
  await rename(temporary, join(gitDir, FILE));
}

/** Where the mark of a claim without a workspace lies: by agent, so that one agent's claim is not another's. */
export function claimOnlyDir(project: Project, agent: string, session: string): string {
  const who = shortHash(agent);
  return join(stateDir(project), "claims", who, session);
}

export async function dropMarker(gitDir: string): Promise<void> {
  await rm(join(gitDir, FILE), { force: true });
}

/** Every workspace and claim of this repository on this machine. */
export async function listWorkspaces(project: Project): Promise<Workspace[]> {
  const found: Workspace[] = [];
  const worktrees = join(project.repository.commonDir, "worktrees");
  for (const name of await names(worktrees)) {
    const gitDir = join(worktrees, name);
    const marker = await readMarker(gitDir);
    if (!marker) continue;
    const pointer = await readFile(join(gitDir, "gitdir"), "utf8").catch(() => "");
    found.push({ marker, gitDir, dir: dirname(pointer.trim()) });
  }
  const clones = join(homeDir(project), project.config.workspace.clones);
  for (const name of await names(clones)) {
    const gitDir = join(clones, name, ".git");
    const marker = name.endsWith(PART) || name.endsWith(DOOMED) ? null : await readMarker(gitDir);
    const own = name.startsWith(".") && name.endsWith(ASIDE) ? name.slice(1, -ASIDE.length) : name;
    if (marker) found.push({ marker, gitDir, dir: join(clones, own) });
  }
  const claims = join(stateDir(project), "claims");
  for (const who of await names(claims)) {
    for (const session of await names(join(claims, who))) {
      const gitDir = join(claims, who, session);
      const marker = await readMarker(gitDir);
      if (marker) found.push({ marker, gitDir, dir: null });
    }
  }
  return found;
}

/** The workspaces of one session, the newest claim first. */
export async function workspacesOf(project: Project, session: string): Promise<Workspace[]> {
  const all = (await listWorkspaces(project)).filter((w) => w.marker.session === session);
  return all.sort((a, b) => b.marker.epoch - a.marker.epoch);
}

/** The workspace that was made for one claim of a session, where it is on this machine: others are of those before it. */
export async function workspaceOfEpoch(
  project: Project,
  session: string,
  epoch: number | null,
): Promise<Workspace | undefined> {
  return (await workspacesOf(project, session)).find(({ marker }) => marker.epoch === epoch);
}

async function names(dir: string): Promise<string[]> {
  return readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
    throw error;
  });
}

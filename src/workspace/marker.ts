import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { BerthError, isBerthError } from "../errors.ts";
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
    throw damagedMark(gitDir, "cannot be read", error);
  });
  if (text === null) return null;
  try {
    return markerOf(JSON.parse(text));
  } catch (error) {
    throw damagedMark(gitDir, "is damaged", error);
  }
}

function damagedMark(gitDir: string, what: string, cause: unknown): BerthError {
  return new BerthError("UNREADABLE", `${join(gitDir, FILE)} ${what}.`, {
    hint: "It holds the proof of a claim. Its work is untouched on the session's branch; a person can take the session over: berth recover",
    facts: { file: join(gitDir, FILE) },
    cause,
  });
}

/** @throws TypeError for what is no mark */
function markerOf(value: unknown): Marker {
  const mark = (typeof value === "object" && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const words = ["session", "token", "agent", "kind", "branch", "parent"];
  if (typeof mark["epoch"] === "number" && words.every((key) => typeof mark[key] === "string")) return value as Marker;
  throw new TypeError("it is not a mark of Berth's");
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

/** A workspace or claim on this machine whose mark cannot be read: what it is of is known by its name and branch alone. */
export interface Damaged {
  readonly dir: string | null;
  readonly gitDir: string;
  readonly kind: Marker["kind"];
  readonly problem: BerthError;
}

/** Every workspace and claim of this repository on this machine, but those that are damaged. */
export async function listWorkspaces(project: Project): Promise<Workspace[]> {
  return (await scanWorkspaces(project)).sound;
}

/** Every workspace and claim of this repository on this machine: what one of them lacks stops none of the others. */
export async function scanWorkspaces(project: Project): Promise<{ sound: Workspace[]; damaged: Damaged[] }> {
  const sound: Workspace[] = [];
  const damaged: Damaged[] = [];
  const look = async (gitDir: string, kind: Marker["kind"], dirOf: () => Promise<string | null>): Promise<void> => {
    try {
      const marker = await readMarker(gitDir);
      if (marker) sound.push({ marker, gitDir, dir: await dirOf() });
    } catch (error) {
      if (!isBerthError(error)) throw error;
      damaged.push({ gitDir, dir: await dirOf(), kind, problem: error });
    }
  };
  const worktrees = join(project.repository.commonDir, "worktrees");
  for (const name of await names(worktrees)) {
    const gitDir = join(worktrees, name);
    const pointer = (): Promise<string> => readFile(join(gitDir, "gitdir"), "utf8").catch(() => "");
    await look(gitDir, "worktree", async () => dirname((await pointer()).trim()));
  }
  const clones = join(homeDir(project), project.config.workspace.clones);
  for (const name of await names(clones)) {
    if (name.endsWith(PART) || name.endsWith(DOOMED)) continue;
    const own = name.startsWith(".") && name.endsWith(ASIDE) ? name.slice(1, -ASIDE.length) : name;
    await look(join(clones, name, ".git"), "clone", () => Promise.resolve(join(clones, own)));
  }
  const claims = join(stateDir(project), "claims");
  for (const who of await names(claims))
    for (const session of await names(join(claims, who)))
      await look(join(claims, who, session), "none", () => Promise.resolve(null));
  return { sound, damaged };
}

/** Those of the damaged ones that may be of a session: by the name of their folder, or the branch that they are on. */
export async function damagedOf(all: readonly Damaged[], session: string): Promise<Damaged[]> {
  const found: Damaged[] = [];
  for (const one of all) {
    const called = [one.dir, one.kind === "clone" ? null : one.gitDir].some((path) => {
      const name = path === null ? "" : basename(path);
      return name === session || name.startsWith(`${session}.`);
    });
    const head = await readFile(join(one.gitDir, "HEAD"), "utf8").catch(() => "");
    if (called || head.trim().endsWith(`/${session}`)) found.push(one);
  }
  return found;
}

/**
 * The workspaces of one session, the newest claim first.
 * @throws BerthError UNREADABLE where one that may be of it is damaged
 */
export async function workspacesOf(project: Project, session: string): Promise<Workspace[]> {
  const { sound, damaged } = await scanWorkspaces(project);
  const [broken] = await damagedOf(damaged, session);
  if (broken) throw broken.problem;
  return ofSession(sound, session);
}

/** As {@link workspacesOf}, of those that can be read. */
export async function soundWorkspacesOf(project: Project, session: string): Promise<Workspace[]> {
  return ofSession(await listWorkspaces(project), session);
}

/** Of two workspaces of one claim, one whose folder is gone is what was left when the other was made. */
export function isThere({ dir }: Workspace): boolean {
  return dir === null || existsSync(dir);
}

function ofSession(all: readonly Workspace[], session: string): Workspace[] {
  const own = all.filter((w) => w.marker.session === session);
  return own.sort((a, b) => b.marker.epoch - a.marker.epoch || Number(isThere(b)) - Number(isThere(a)));
}

async function names(dir: string): Promise<string[]> {
  return readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
    throw error;
  });
}

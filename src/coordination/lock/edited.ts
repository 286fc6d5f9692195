import { lstat, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isBerthError } from "../../errors.ts";
import { readStatus } from "../../git/status.ts";
import { randomHex, shortHash } from "../../hash.ts";
import { checkoutOf, type Project, stateDir } from "../../project.ts";
import { line, requireInput } from "../input.ts";
import { decide } from "./decide.ts";
import { type Hold, readHolds, shown } from "./hold.ts";
import { lock } from "./lock.ts";
import { lockPath } from "./lock-path.ts";

/** Where more files than this changed at once, nobody edited them: they were generated, moved or checked out. */
const MOST_LOCKED = 100;

export interface LockEdited {
  /** What the agent has locked now, because its command wrote there. */
  readonly locked: readonly Hold[];
  /** What others hold of what changed, in this very checkout. */
  readonly held: readonly Hold[];
  /** How many files changed since the agent's last look. */
  readonly changed: number;
}

/**
 * Remembers what differs from the last commit here, before an agent runs a command of which nobody can tell what it will
 * write. [XCS-06]
 */
export async function markEdited(
  project: Project,
  input: { readonly agent?: string | undefined } = {},
): Promise<{ changed: number }> {
  requireInput(input, { agent: line });
  const now = await signsHere(project);
  await remember(fileOf(project, input.agent), now);
  return { changed: now.size };
}

/**
 * Locks, late, what changed here since the agent's last look: a command wrote past every lock. What another agent holds
 * in this checkout is named and stays its own; whose write it was cannot be told. Without an earlier look nothing is
 * locked.
 * @throws BerthError as `lock` does
 */
export async function lockEdited(
  project: Project,
  input: { readonly agent?: string | undefined } = {},
): Promise<LockEdited> {
  requireInput(input, { agent: line });
  const agent = input.agent ?? project.caller.name;
  const file = fileOf(project, agent);
  const [before, now] = [await recall(file), await signsHere(project)];
  if (before === null) {
    await remember(file, now);
    return { locked: [], held: [], changed: 0 };
  }
  const changed = [...now].filter(([path, sign]) => before.get(path) !== sign).map(([path]) => path);
  const top = project.here.top ?? project.cwd;
  const free: string[] = [];
  const held: Hold[] = [];
  const store = await project.store.open();
  const holds = changed.length === 0 ? [] : await store.read(readHolds);
  for (const path of changed) {
    const at = await lockPath({ top, cwd: top, literal: true }, path).catch(ignoreInvalid);
    if (at === null) continue;
    const { holders } = decide({ agent, paths: [at], mode: "exclusive", ticket: null }, holds, []);
    if (holders.length === 0) free.push(`literal:${path}`);
    held.push(...holders.filter(({ place }) => place === checkoutOf(project)).map(shown));
  }
  const many = free.length === 0 || free.length > MOST_LOCKED;
  // Names are from the top, wherever the command ran.
  const locked = many ? [] : await late({ ...project, cwd: top }, free, agent);
  // Only now: a look that was killed is made again.
  await remember(file, now);
  return { locked, held, changed: changed.length };
}

/** Somebody may have come between: then it is his. */
async function late(project: Project, paths: readonly string[], agent: string): Promise<readonly Hold[]> {
  try {
    return (await lock(project, { paths, agent, reason: "a command of this agent wrote there" })).locks;
  } catch (error) {
    if (isBerthError(error) && error.code === "LOCK_HELD") return [];
    throw error;
  }
}

function ignoreInvalid(error: unknown): null {
  if (isBerthError(error) && error.code === "INVALID") return null;
  throw error;
}

type Signs = ReadonlyMap<string, string>;

/** What differs from HEAD, with what tells one state of a file from another. */
async function signsHere(project: Project): Promise<Signs> {
  const top = project.here.top ?? project.cwd;
  const { changed, untracked } = await readStatus({ ...project.git, dir: top }, top);
  const found = new Map<string, string>();
  for (const path of [...changed, ...untracked]) {
    const at = await lstat(join(top, path), { bigint: true }).catch(() => null);
    found.set(path, at === null ? "gone" : `${at.ino} ${at.size} ${at.mtimeNs} ${at.ctimeNs}`);
  }
  return found;
}

function fileOf(project: Project, agent: string = project.caller.name): string {
  return join(stateDir(project), "edited", shortHash(`${checkoutOf(project)}\0${agent}`));
}

async function recall(file: string): Promise<Signs | null> {
  try {
    return new Map(JSON.parse(await readFile(file, "utf8")) as [string, string][]);
  } catch {
    // Never written, or damaged: the next look begins anew.
    return null;
  }
}

async function remember(file: string, signs: Signs): Promise<void> {
  const part = `${file}.${randomHex(4)}`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(part, JSON.stringify([...signs]));
  await rename(part, file);
}

import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { BerthError, isBerthError } from "../../errors.ts";
import type { Agent } from "./company.ts";
import type { News, Unsaved } from "./news.ts";
import { git, type PlainGit } from "./plain-git.ts";
import type { Work } from "./work.ts";

/** A session that an agent works on. */
export interface Task {
  readonly id: string;
  /** The top of its workspace. */
  readonly dir: string;
  readonly epoch: number;
}

/** Writes a few lines, commits nothing, and waits to be killed; who took the session over is spared. */
export async function breakOff(self: Agent, task: Task, work: NonNullable<Work["interrupted"]>): Promise<void> {
  if (task.epoch > 1) return;
  const path = self.prefix + work.path;
  for (const line of work.adds.split(/(?<=\n)/)) await appendFile(join(task.dir, path), line);
  const edits = { dir: task.dir, path };
  self.tell({ session: task.id, what: "halted", detail: `in the middle of an edit of ${path}`, edits });
  await new Promise(() => undefined);
}

/** What the killed worker left: asked of its disk and of git, as it can tell nothing any more. */
export async function unsavedOf(plain: PlainGit, { dir, path }: NonNullable<News["edits"]>): Promise<Unsaved> {
  const text = await readFile(join(dir, path), "utf8");
  return { path, line: text.trimEnd().split("\n").at(-1) ?? "", head: await git(plain, dir, "rev-parse", "HEAD") };
}

/**
 * Takes a session over from an agent that was killed, and brings along what that one had not committed: the take-over
 * keeps it in a checkpoint first.
 */
export async function goOn(self: Agent, id: string): Promise<Task> {
  const { berth, plain, tell } = self;
  const { holder, state, evidence } = await holderOf(self, id);
  const seen = `${holder} is ${state}: ${evidence.filter((word) => word.startsWith("its process")).join(", ")}`;
  // The crew has seen it die, and gives the word that otherwise a person gives.
  const taken = await berth.recover({ id, takeOver: true, force: true });
  if (!("claim" in taken) || taken.workspace === null) throw new BerthError("FAILED", "A take-over without workspace.");
  const { path: dir } = taken.workspace;
  const { epoch } = taken.claim;
  tell({ session: id, what: "took over", detail: `epoch ${epoch}; ${seen}` });
  const { checkpoint } = await holderOf(self, id);
  if (checkpoint === null) throw new BerthError("FAILED", `The take-over of ${id} kept nothing of its old workspace.`);
  await git(plain, dir, "restore", "--source", checkpoint, "--worktree", "--", ".", ":(exclude).session");
  tell({ session: id, what: "restored", detail: `what ${holder} had not committed, from ${checkpoint}` });
  await sayGone(self, holder);
  return { id, dir, epoch };
}

async function holderOf(
  { berth }: Agent,
  id: string,
): Promise<{
  readonly holder: string | null;
  readonly state: string;
  readonly evidence: readonly string[];
  readonly checkpoint: string | null;
}> {
  const seen = await berth.recover({ id });
  const [found] = "sessions" in seen ? seen.sessions : [];
  if (!found) throw new BerthError("FAILED", `Nobody holds ${id}.`);
  return found;
}

/** Where nobody can look at processes its death is not known by itself. */
async function sayGone({ berth }: Agent, holder: string | null): Promise<void> {
  try {
    if (holder !== null) await berth.leave({ id: holder });
  } catch (error) {
    if (!isBerthError(error) || error.code !== "NOT_FOUND") throw error;
  }
}

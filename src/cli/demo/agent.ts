import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { BerthError, isBerthError } from "../../errors.ts";
import type { Berth } from "../../open.ts";
import { type Agent, arrive, depart, lockFiles, tellAll } from "./company.ts";
import type { Files } from "./library.ts";
import { writeFiles } from "./place.ts";
import { git } from "./plain-git.ts";
import { breakOff, goOn, type Task } from "./take-over.ts";
import { type Work, workOf } from "./work.ts";

const LOOK_AGAIN_MS = 1000;

/**
 * Claims and works one session after the other, until nothing is planned and nothing under way.
 * @param inherited the session of an agent that died, to go on with first
 */
export async function workUntilDone(self: Agent, inherited: string | undefined): Promise<void> {
  await arrive(self);
  if (inherited !== undefined) await inherit(self, inherited);
  for (;;) {
    const task = await claimNext(self);
    if (task) await carryOut(self, task);
    else if (await allEnded(self.berth)) return depart(self);
  }
}

async function claimNext({ berth, tell, capabilities }: Agent): Promise<Task | null> {
  try {
    const claimed = await berth.claim({ next: true, capabilities, waitMs: LOOK_AGAIN_MS });
    if (!("claim" in claimed) || claimed.workspace === null)
      throw new BerthError("FAILED", "A claim without workspace.");
    const { id } = claimed.session;
    tell({ session: id, what: "claimed", detail: `epoch ${claimed.claim.epoch}, in a ${claimed.workspace.kind}` });
    return { id, dir: claimed.workspace.path, epoch: claimed.claim.epoch };
  } catch (error) {
    if (isBerthError(error) && (error.code === "TIMED_OUT" || error.code === "NOTHING_FITS")) return null;
    throw error;
  }
}

async function allEnded(berth: Berth): Promise<boolean> {
  const { sessions } = await berth.list({ fetch: true });
  return sessions.length === 0;
}

async function carryOut(self: Agent, task: Task): Promise<void> {
  if (task.id.startsWith("kb-")) return mergeKnowledge(self, task);
  const work = workOf(task.id);
  await lockFiles(self, task.id, work);
  for (const [at, step] of work.steps.entries()) {
    await commit(self, task, step.says, step.files);
    if (at === 0 && work.landsBetween) await landBetween(self, task);
  }
  if (work.interrupted) await breakOff(self, task, work.interrupted);
  await finish(self, task, work);
}

async function inherit(self: Agent, id: string): Promise<void> {
  const task = await goOn(self, id);
  const work = workOf(id);
  await lockFiles(self, id, work);
  if (work.interrupted) await commit(self, task, work.interrupted.says, work.interrupted.files);
  await finish(self, task, work);
}

async function finish(self: Agent, task: Task, work: Work): Promise<void> {
  await self.berth.log({ session: task.id, text: `Done as planned: ${work.criterion}` });
  if (work.learns !== undefined) {
    await self.berth.learn({ session: task.id, text: work.learns });
    self.tell({ session: task.id, what: "learned", detail: work.learns });
  }
  if (work.givesUp) return giveUp(self, task, work.givesUp);
  if (work.rival) await rivalClaimed(self, task, work.rival.slug);
  await complete(self, task, work.rival?.resolved);
}

async function commit(self: Agent, task: Task, says: string, files: Files): Promise<void> {
  await writeFiles(join(task.dir, self.prefix), files);
  await git(self.plain, task.dir, "add", "--all");
  await git(self.plain, task.dir, "commit", "--quiet", "-m", `[${task.id}] ${says}`);
  self.tell({ session: task.id, what: "worked", detail: `committed "${says}"` });
  await rest(self.paceMs, undefined, { signal: self.plain.signal });
}

async function landBetween(self: Agent, task: Task): Promise<void> {
  await self.berth.land({ id: task.id });
  self.tell({ session: task.id, what: "landed", detail: "first half is on main; the session goes on" });
}

/** Both rivals begin on the same lines: neither completes before the other has claimed. */
async function rivalClaimed(self: Agent, task: Task, slug: string): Promise<void> {
  let told = false;
  for (;;) {
    const { sessions } = await self.berth.list({ all: true, fetch: true });
    const rival = sessions.find(({ id }) => id.endsWith(`-${slug}`));
    if (rival?.state !== "planned") return;
    if (!told) self.tell({ session: task.id, what: "waits", detail: `until ${slug} is claimed, to meet it` });
    told = true;
    await rest(200, undefined, { signal: self.plain.signal });
  }
}

/** @param resolved the files in which a conflict with a rival is to be expected, as they shall be then */
async function complete(self: Agent, task: Task, resolved: Files | undefined): Promise<void> {
  try {
    await self.berth.complete({ id: task.id, tick: ["all"] });
  } catch (error) {
    if (!isBerthError(error) || error.code !== "MERGE_CONFLICT" || resolved === undefined) throw error;
    self.tell({ session: task.id, what: "conflict", detail: Object.keys(resolved).join(", ") });
    await resolve(self, task, resolved);
    await self.berth.complete({ id: task.id, tick: ["all"] });
  }
  await tellAll(self, task.id);
  self.tell({ session: task.id, what: "completed", detail: "landed on main" });
}

/** What a person would do: sync, mend the file that both changed, commit the merge. */
async function resolve(self: Agent, task: Task, files: Files): Promise<void> {
  await rest(self.paceMs, undefined, { signal: self.plain.signal });
  try {
    await self.berth.sync({ id: task.id });
  } catch (error) {
    if (!isBerthError(error) || error.code !== "MERGE_CONFLICT") throw error;
    await writeFiles(join(task.dir, self.prefix), files);
    await git(self.plain, task.dir, "add", "--all");
    await git(self.plain, task.dir, "commit", "--quiet", "--no-edit");
  }
  self.tell({ session: task.id, what: "resolved", detail: "synced; both wishes are in the file" });
  await rest(self.paceMs, undefined, { signal: self.plain.signal });
}

async function giveUp(self: Agent, task: Task, plan: NonNullable<Work["givesUp"]>): Promise<void> {
  await writeFiles(join(task.dir, self.prefix), plan.files);
  await rest(self.paceMs, undefined, { signal: self.plain.signal });
  const ended = await self.berth.abandon({ id: task.id, reason: plan.reason });
  if (!("kept" in ended)) throw new BerthError("FAILED", "A dry run was not asked for.");
  self.tell({ session: task.id, what: "abandoned", detail: plan.reason, kept: ended.kept });
}

/** A session that the completion with learnings planned: what one agent noted becomes what all know. */
async function mergeKnowledge(self: Agent, task: Task): Promise<void> {
  const { knowledge } = self.berth.project.config;
  const text = "# Arithmetic\n\nTwelfths add up exactly only as whole numbers: divide at the end.\n";
  await writeFiles(join(task.dir, knowledge), { "arithmetic.md": text });
  await git(self.plain, task.dir, "add", "--all");
  await git(self.plain, task.dir, "commit", "--quiet", "-m", `[${task.id}] docs: divide at the end`);
  self.tell({ session: task.id, what: "worked", detail: "merged what was learned into the knowledge of all" });
  await complete(self, task, undefined);
}

import type { Project } from "../../project.ts";
import { calledBy } from "../agent/heard.ts";
import type { Writing } from "../../store/store.ts";
import { flag, line, requireInput, texts } from "../input.ts";
import { type Notice, notify } from "../message/notify.ts";
import { type Hold, holdsOf, isSamePath, type KnownHold, shown } from "./hold.ts";
import { tellFree } from "./interest.ts";
import { type LockPath, lockPath } from "./lock-path.ts";

/**
 * Gives locks back: those named, or `all` of the agent's. What it does not hold is not an error, so that repeating it
 * is harmless; who waits for it is woken.
 */
export async function unlock(
  project: Project,
  input: {
    readonly paths?: readonly string[] | undefined;
    readonly all?: boolean;
    readonly agent?: string | undefined;
  },
): Promise<{ released: readonly Hold[] }> {
  requireInput(input, { paths: texts, all: flag, agent: line });
  const place = { top: project.here.top ?? project.cwd, cwd: project.cwd };
  const paths: LockPath[] = [];
  for (const given of input.paths ?? []) paths.push(await lockPath(place, given));
  return calledBy(project, input.agent, async (tx, agent) => {
    const own = await holdsOf(tx, agent);
    const wanted = input.all ? own : own.filter((hold) => paths.some((path) => isSamePath(hold.at, path)));
    return { released: await freeHolds(tx, wanted, agent) };
  });
}

/** Ends holds, and tells in the feed who is next. @returns them */
export async function freeHolds(tx: Writing, holds: readonly KnownHold[], by: string | null): Promise<Hold[]> {
  for (const { fence, agent, path } of holds) {
    await tx.run("delete from hold where project = $1 and fence = $2 and agent = $3", tx.project, fence, agent);
    await tx.append({ kind: "lock.released", subject: path, agent: by, data: { agent, fence } });
  }
  await tellFree(
    tx,
    holds.map(({ at }) => at),
  );
  return holds.map(shown);
}

/** Ends all that an agent holds or waits for. @param told what its inbox says of each lock; null for an agent that knows */
export async function freeAllOf(tx: Writing, agent: string, told: Notice | null): Promise<void> {
  await tx.run("delete from waiter where project = $1 and agent = $2", tx.project, agent);
  const lost = await freeHolds(tx, await holdsOf(tx, agent), null);
  if (!told) return;
  for (const { path, fence } of lost)
    await notify(tx, agent, { ...told, text: `Your lock on ${path} is free: ${told.text}`, data: { path, fence } });
}

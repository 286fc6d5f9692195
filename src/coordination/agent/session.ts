import { messageOf } from "../../errors.ts";
import type { Project } from "../../project.ts";
import type { Writing } from "../../store/store.ts";
import { type Hold, readHolds, shown } from "../lock/hold.ts";
import { freeAllOf } from "../lock/unlock.ts";
import { type LockPath, lockPath } from "../lock/lock-path.ts";
import { overlaps } from "../lock/path-overlap.ts";
import { notify } from "../message/notify.ts";
import { giveTasksBack } from "../task/finish.ts";
import { forgetVerification } from "../verification.ts";
import { readAgent } from "./agent.ts";
import { rememberBeat } from "./beats.ts";
import { machineOf } from "./machine-id.ts";
import { ownPlaces } from "./own-places.ts";
import { heardNow, isHere, lookAt, processAt } from "./process.ts";

/**
 * Notes that an agent works a claimed session from now on: a claim needs no other registration. Best effort, as the
 * claim stands in the ledger. The process that it named stays the one that lives as long as it does only where that
 * runs, and was named from this repository: a shell that has ended, or the process of somebody else of this name in
 * another clone or on another machine, would show a healthy holder to be dead. [XCS-03]
 * @param place the workspace, or the checkout it was claimed from
 * @returns warnings: locks of others on paths that the session's plan names, or why the live layer was not told
 */
export async function enterSession(
  project: Project,
  claim: {
    readonly agent: string;
    readonly session: string;
    readonly epoch: number;
    readonly place: string;
    readonly paths: readonly string[];
  },
): Promise<string[]> {
  try {
    const machine = await machineOf(project);
    const here = await processAt(null, machine);
    const isOurs = await ownPlaces(project);
    const wanted = await lockPaths(project, claim.paths);
    const held = await project.store.tell(async (tx) => {
      if (!(await raiseEpoch(tx, claim.session, claim.epoch))) return [];
      const known = await readAgent(tx, claim.agent);
      const same = known !== null && isOurs(known.place) && isHere(known.process, machine);
      const runs = same && (await lookAt(known.process, machine)) === "there";
      await tx.run(
        `insert into agent (project, id, role, client, capabilities, session, task, place, process, registered_at, beat_at)
         values ($1, $2, 'assistant', $2, '[]', $3, null, $4, $5, $6, $6)
         on conflict (project, id) do update set session = $3, place = $4, process = $5, standing = $7, beat_at = $6`,
        tx.project,
        claim.agent,
        claim.session,
        claim.place,
        JSON.stringify(runs ? heardNow(known.process) : here),
        tx.now,
        same && known.standing ? 1 : 0,
      );
      const { agent, session } = claim;
      await tx.append({ kind: known ? "agent.entered" : "agent.registered", subject: agent, agent, data: { session } });
      return (await readHolds(tx)).filter(
        (hold) => hold.agent !== agent && wanted.some((path) => overlaps(path, hold.at)),
      );
    }, project.signal);
    await rememberBeat(project, claim.agent);
    return held.map(shown).map(heldWarning);
  } catch (error) {
    return [`The live layer was not told of the claim: ${messageOf(error)}`];
  }
}

/**
 * The store keeps the highest epoch it was told of, only upward. [INV-2]
 * @returns false for an older claim, whose holder was replaced before it came so far
 */
export async function raiseEpoch(tx: Writing, session: string, epoch: number): Promise<boolean> {
  const raised = await tx.run(
    `insert into epoch (project, session, epoch) values ($1, $2, $3)
     on conflict (project, session) do update set epoch = $3 where epoch.epoch <= $3`,
    tx.project,
    session,
    epoch,
  );
  return raised === 1;
}

/** Ends an agent's work on a session: its locks are free, its tasks go back to the queue, and it stays registered. */
export async function leaveSession(project: Project, agent: string, session: string): Promise<string[]> {
  try {
    await project.store.tell((tx) => leave(tx, agent, session), project.signal);
    return [];
  } catch (error) {
    return [`The live layer was not told of the end of ${session}: ${messageOf(error)}`];
  }
}

/** Tells the old holder of a session that it was taken over, and frees what he held for it. */
export async function tellTakenOver(
  project: Project,
  claim: {
    readonly from: string;
    readonly by: string;
    readonly session: string;
    readonly workspace: string | null;
    /** The reference of the snapshot of what was not committed there. */
    readonly snapshot: string | null;
  },
): Promise<string[]> {
  const { from, by, session, workspace, snapshot } = claim;
  try {
    await project.store.tell(async (tx) => {
      await leave(tx, from, session);
      if (from === by) return;
      const where = workspace === null ? "" : ` What you have not published is untouched in ${workspace}.`;
      const saved = snapshot === null ? "" : ` What was not committed is in ${snapshot} as well.`;
      const text = `${by} has taken ${session} over; you can publish nothing for it any more.${where}${saved}`;
      await notify(tx, from, { kind: "claim.taken-over", from: by, text, data: { session, workspace, snapshot } });
    }, project.signal);
    return [];
  } catch (error) {
    return [`${from} was not told of the take-over: ${messageOf(error)}`];
  }
}

async function leave(tx: Writing, agent: string, session: string): Promise<void> {
  const changed = await tx.run(
    "update agent set session = null, beat_at = $4 where project = $1 and id = $2 and session = $3",
    tx.project,
    agent,
    session,
    tx.now,
  );
  await forgetVerification(tx, session);
  // Somebody else may have the name by now, or the agent another session.
  if (changed === 0) return;
  await tx.append({ kind: "agent.ended", subject: agent, agent, data: { session } });
  await freeAllOf(tx, agent, null);
  await giveTasksBack(tx, agent, "session ended");
}

/** Declared paths that cannot be locked cannot be held either. */
export async function lockPaths(project: Project, paths: readonly string[]): Promise<LockPath[]> {
  const top = project.repository.mainTop ?? project.cwd;
  const found: LockPath[] = [];
  for (const path of paths) {
    const one = await lockPath({ top, cwd: top }, path).catch(() => null);
    if (one) found.push(one);
  }
  return found;
}

function heldWarning({ path, agent, expiresAt, reason }: Hold): string {
  return `${path}, which the plan names, is locked by ${agent} until ${expiresAt}${reason ? ` (${reason})` : ""}.`;
}

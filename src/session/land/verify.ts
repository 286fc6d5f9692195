import { access, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BerthError } from "../../errors.ts";
import { tellFailed, tellPassed } from "../../coordination/verification.ts";
import type { Oid } from "../../git/names.ts";
import { addWorktree, listWorktrees, removeWorktree } from "../../git/worktree.ts";
import { type Project, reach, scratchDir, stateDir, verifyLog } from "../../project.ts";
import { withMutex } from "../../store/mutex.ts";
import { runCommand } from "../../workspace/command.ts";
import { bringIgnored } from "../../workspace/prepare.ts";
import { sha256 } from "../../hash.ts";

/** What must pass before a landing: the team's command, which a caller can add to and not replace. */
export function verifications(project: Project, own: string | undefined): string[] {
  return [...new Set([project.config.landing.verify, own?.trim() ?? ""])].filter((command) => command !== "");
}

/**
 * Runs the commands on exactly the tree that is about to land, in a temporary work tree. A tree that passed once is
 * not verified again with the same command.
 * @returns how long it took in ms; 0 when it was known or there is no command
 * @throws BerthError VERIFY_FAILED with the last lines it printed and where the rest is
 */
export async function verifyTree(
  project: Project,
  commit: Oid,
  tree: Oid,
  order: { readonly holding: { readonly id: string }; readonly verify: readonly string[] },
): Promise<number> {
  const started = project.clock.now();
  const due: string[] = [];
  for (const command of order.verify) if (!(await exists(passFile(project, tree, command)))) due.push(command);
  if (due.length === 0) {
    await dropLeftOver(project, order.holding.id);
    if (order.verify.length > 0) await reach(project, "verify.passed", "this tree passed before");
    return 0;
  }
  const { id } = order.holding;
  await inScratchTree(project, commit, id, async (dir) => {
    for (const command of due) await runVerification(project, dir, command, tree, id);
  });
  await tellPassed(project, id);
  await reach(project, "verify.passed", tree);
  return project.clock.now() - started;
}

/**
 * Runs `work` in a work tree of the commit. A session has one such place, used by one process at a time, so that what a
 * killed run left there is known to be nobody's.
 */
async function inScratchTree(
  project: Project,
  commit: Oid,
  session: string,
  work: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = scratchTree(project, session);
  await inTurn(project, session, async () => {
    await dropTree(project, dir);
    try {
      await mkdir(dirname(dir), { recursive: true });
      await addWorktree(project.git, dir, { detached: commit });
      await bringIgnored(project, dir);
      await work(dir);
    } finally {
      await dropTree(project, dir);
    }
  });
}

/** A run that was killed after its tree passed may have left the work tree, which no verification would clear away. */
async function dropLeftOver(project: Project, session: string): Promise<void> {
  const dir = scratchTree(project, session);
  if (await exists(dirname(dir))) await inTurn(project, session, () => dropTree(project, dir));
}

function scratchTree(project: Project, session: string): string {
  return join(scratchDir(project), `verify-${session}`, session);
}

async function inTurn(project: Project, session: string, work: () => Promise<void>): Promise<void> {
  const what = `another verification of ${session}`;
  const turn = { clock: project.clock, waitMs: 3_600_000, what, signal: project.signal };
  await withMutex(join(stateDir(project), "locks", `verify-${session}.lock`), turn, work);
}

/** Its folder above goes last: as long as that is there, something may be left. */
async function dropTree(project: Project, dir: string): Promise<void> {
  const known = (await listWorktrees(project.git)).some((w) => w.path === dir);
  await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  if (known) await removeWorktree(project.git, dir);
  await rm(dirname(dir), { recursive: true, force: true, maxRetries: 3 });
}

async function runVerification(
  project: Project,
  dir: string,
  command: string,
  tree: Oid,
  session: string,
): Promise<void> {
  await reach(project, "verify.started", command.split("\n")[0] ?? "");
  const log = verifyLog(project, session);
  const env = { ...project.commandEnv, BERTH_SESSION: session, BERTH_VERIFY: "1" };
  const result = await runCommand(command, { dir, env, log, signal: project.signal });
  if (result.code !== 0) {
    await tellFailed(project, { session, command, exitCode: result.code, log });
    throw new BerthError(
      "VERIFY_FAILED",
      `verify failed (exit ${result.code}) on the tree that would land: ${command}`,
      {
        hint: `Nothing was changed. All it printed is in ${log}; mend it on the session's branch and run the same verb again.`,
        facts: { session, command, exitCode: result.code, tail: result.tail, log, tree },
      },
    );
  }
  const passed = passFile(project, tree, command);
  await mkdir(dirname(passed), { recursive: true });
  await writeFile(passed, `${tree} ${command}\n`);
}

/** Written when a command has passed on a tree. */
function passFile(project: Project, tree: Oid, command: string): string {
  const key = sha256(`${tree}\0${command}`).slice(0, 32);
  return join(stateDir(project), "verified", key);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

import { isoSeconds } from "../clock.ts";
import type { Project } from "../project.ts";
import type { Reading, Writing } from "../store/store.ts";

/** A session whose tree did not pass the team's command, and has not passed it since. */
export interface FailedVerification {
  readonly session: string;
  readonly agent: string;
  readonly command: string;
  readonly exitCode: number;
  /** Where all that it printed is, on the machine that ran it. */
  readonly log: string;
  readonly at: string;
}

/** Tells the others that a session's verification failed. Best effort: its verb says so itself. */
export async function tellFailed(project: Project, failed: Omit<FailedVerification, "agent" | "at">): Promise<void> {
  const { session, command, exitCode, log } = failed;
  const agent = project.caller.name;
  await project.store
    .tell(async (tx) => {
      await tx.append({ kind: "verify.failed", subject: session, agent, data: { command, exitCode } });
      await tx.run(
        `insert into verification (project, session, agent, command, exit_code, log, at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (project, session) do update set agent = $3, command = $4, exit_code = $5, log = $6, at = $7`,
        tx.project,
        session,
        agent,
        command,
        exitCode,
        log,
        tx.now,
      );
    }, project.signal)
    .catch(() => undefined);
}

/** Tells that it has passed. */
export async function tellPassed(project: Project, session: string): Promise<void> {
  await project.store
    .tell(async (tx) => {
      if (await forgetVerification(tx, session))
        await tx.append({ kind: "verify.passed", subject: session, agent: project.caller.name, data: {} });
    }, project.signal)
    .catch(() => undefined);
}

/** @returns whether there was a failed one */
export async function forgetVerification(tx: Writing, session: string): Promise<boolean> {
  return (await tx.run("delete from verification where project = $1 and session = $2", tx.project, session)) > 0;
}

/** The failed ones, the oldest first. */
export async function failedVerifications(tx: Reading): Promise<FailedVerification[]> {
  const rows = await tx.all<{
    session: string;
    agent: string;
    command: string;
    exit_code: number;
    log: string;
    at: number;
  }>(
    "select session, agent, command, exit_code, log, at from verification where project = $1 order by at, session",
    tx.project,
  );
  return rows.map(({ exit_code, at, ...row }) => ({ ...row, exitCode: exit_code, at: isoSeconds(at) }));
}

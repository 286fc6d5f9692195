import { createHash } from "node:crypto";
import { access, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BerthError } from "../errors.ts";
import type { Oid } from "../git/names.ts";
import { addWorktree, removeWorktree } from "../git/worktree.ts";
import { type Project, reach, scratchDir, stateDir } from "../project.ts";
import { runCommand } from "../workspace/command.ts";
import { bringIgnored } from "../workspace/prepare.ts";

/**
 * Runs the team's `verify` command on exactly the tree that is about to land, in a temporary work tree. A tree that
 * passed once is not verified again with the same command.
 * @returns how long it took in ms; 0 when it was known or there is no command
 * @throws BerthError VERIFY_FAILED with the last lines it printed and where the rest is
 */
export async function verifyTree(
  project: Project,
  commit: Oid,
  tree: Oid,
  command: string,
  session: string,
): Promise<number> {
  if (command === "") return 0;
  const key = createHash("sha256").update(`${tree}\0${command}`).digest("hex").slice(0, 32);
  const passed = join(stateDir(project), "verified", key);
  if (
    await access(passed).then(
      () => true,
      () => false,
    )
  ) {
    await reach(project, "verify.passed", "this tree passed before");
    return 0;
  }
  const started = project.clock.now();
  await mkdir(scratchDir(project), { recursive: true });
  const scratch = await mkdtemp(join(scratchDir(project), "verify-"));
  const dir = join(scratch, "tree");
  const log = join(stateDir(project), "logs", `verify-${session}.log`);
  try {
    await addWorktree(project.git, dir, { detached: commit });
    await bringIgnored(project, dir);
    await reach(project, "verify.started", command.split("\n")[0] ?? "");
    const env = { ...project.commandEnv, BERTH_SESSION: session, BERTH_VERIFY: "1" };
    const result = await runCommand(command, { dir, env, log, signal: project.signal });
    if (result.code !== 0) {
      throw new BerthError(
        "VERIFY_FAILED",
        `verify failed (exit ${result.code}) on the tree that would land: ${command}`,
        {
          hint: `Nothing was changed. All it printed is in ${log}; mend it on the session's branch and run the same verb again.`,
          facts: { session, command, exitCode: result.code, tail: result.tail, log, tree },
        },
      );
    }
  } finally {
    await removeWorktree(project.git, dir).catch(() => undefined);
    await rm(scratch, { recursive: true, force: true });
  }
  await mkdir(join(stateDir(project), "verified"), { recursive: true });
  await writeFile(passed, `${tree} ${command}\n`);
  await reach(project, "verify.passed", tree);
  return project.clock.now() - started;
}

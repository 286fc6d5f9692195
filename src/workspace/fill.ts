import { lstat, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fillFiles } from "../git/checkout.ts";
import type { Oid } from "../git/names.ts";
import type { Git } from "../git/run.ts";
import { settleFiles } from "../git/settle-files.ts";

/** Ours, in the git directory of a work tree from before its first file on until it is whole. */
const MAKING = "berth-making";

/** Whether a run that was killed had begun to fill a work tree. */
export async function isBeingFilled(gitDir: string): Promise<boolean> {
  return (await lstat(join(gitDir, MAKING)).catch(() => null)) !== null;
}

/** Checks the files out. What a killed run had begun is finished: its files are known by being (the beginning of) ours. */
export async function fillWorktree(git: Git, dir: string, gitDir: string, start: Oid): Promise<void> {
  if (await isBeingFilled(gitDir)) {
    await settleFiles(git, dir, start, { old: null, new: start });
    return;
  }
  await writeFile(join(gitDir, MAKING), "", { flush: true });
  await fillFiles(git, dir, start);
}

/** Says that a work tree is whole. */
export async function endFilling(gitDir: string): Promise<void> {
  await rm(join(gitDir, MAKING), { force: true });
}

import { lstat, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isoSeconds } from "../clock.ts";
import { BerthError, messageOf } from "../errors.ts";
import { type Git, run, text as gitText } from "../git/run.ts";
import { learningsPath, withNote } from "../knowledge/learnings.ts";
import { oneLine } from "../ledger/message.ts";
import { readTip } from "../ledger/tip.ts";
import { type Project, stateDir } from "../project.ts";
import { withMutex } from "../store/mutex.ts";
import { requireInside } from "../disk/inside.ts";
import { findHolding, requireHeld } from "./holding.ts";
import { tryFetch } from "./journal.ts";

/** Takes a note that could not be committed out again, or the next try would note it twice. */
async function takeBack(git: Git, file: string, text: { before: string | null; noted: string }): Promise<void> {
  const path = join(git.dir, file);
  if ((await readFile(path, "utf8").catch(() => null)) !== text.noted) return;
  if (text.before === null) await rm(path);
  else await writeFile(path, text.before, { flush: true });
  // Where the index is locked nothing was added to it either.
  await run(git, ["reset", "--quiet", "--", file], { accept: [1, 128] });
}

function notCommitted(dir: string, error: unknown): BerthError {
  return new BerthError("FAILED", `The note could not be committed in ${dir}; nothing was changed.`, {
    hint: "End the merge or the git command that is under way there (or remove the lock file that it left), and try again.",
    facts: { dir, said: messageOf(error) },
    cause: error,
  });
}

/**
 * Notes something worth knowing beyond this session in its own learnings.md, and commits that file. [ASP-19]
 */
export async function learn(
  project: Project,
  input: { readonly text: string; readonly session?: string | undefined },
): Promise<{
  entry: { session: string; file: string; at: string; text: string; commit: string };
  warnings: readonly string[];
}> {
  if (input.text.trim() === "")
    throw new BerthError("USAGE", "There is nothing to note.", {
      hint: 'For example: berth learn "Retry once on 409"',
    });
  const holding = await findHolding(project, input.session, "learn");
  const { id, workspace } = holding;
  const { dir } = workspace;
  if (dir === null)
    throw new BerthError("WRONG_STATE", `${id} was claimed without a workspace.`, {
      hint: `Make one with: berth claim ${id}`,
    });
  const unreachable = await tryFetch(project);
  await requireHeld(project, await readTip(project), holding);
  const file = learningsPath(project.config.knowledge, id);
  const at = isoSeconds(project.clock.now());
  const lock = join(stateDir(project), "locks", `journal-${id}.lock`);
  const commit = await withMutex(
    lock,
    { clock: project.clock, waitMs: 60_000, what: `the journal of ${id}`, signal: project.signal },
    async () => {
      const path = join(dir, file);
      await requireInside(dir, dirname(path));
      await mkdir(dirname(path), { recursive: true });
      if ((await lstat(path).catch(() => null))?.isSymbolicLink()) {
        throw new BerthError("INVALID", `${path} is a link.`, { hint: "Replace it by a plain file." });
      }
      const before = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return null;
        throw error;
      });
      const noted = withNote(before, id, at, input.text);
      await writeFile(path, noted, { flush: true });
      const git = { ...project.git, dir };
      const subject = `[${id}] docs: learn: ${oneLine(input.text).slice(0, 60)}`;
      try {
        await run(git, ["add", "--", file]);
        await run(git, ["commit", "--quiet", "--no-verify", "--only", "-m", subject, "--", file]);
      } catch (error) {
        await takeBack(git, file, { before, noted });
        throw notCommitted(dir, error);
      }
      return gitText(git, ["rev-parse", "HEAD"]);
    },
  );
  return {
    entry: { session: id, file, at, text: input.text, commit },
    warnings: unreachable === null ? [] : [unreachable],
  };
}

import { lstat, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isoSeconds } from "../clock.ts";
import { BerthError } from "../errors.ts";
import { run, text as gitText } from "../git/run.ts";
import { learningsPath, withNote } from "../knowledge/learnings.ts";
import { oneLine } from "../ledger/message.ts";
import { type Project, stateDir } from "../project.ts";
import { withMutex } from "../store/mutex.ts";
import { requireInside } from "../workspace/inside.ts";
import { findHolding } from "./holding.ts";

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
  const { id, workspace } = await findHolding(project, input.session, "learn");
  const { dir } = workspace;
  if (dir === null)
    throw new BerthError("WRONG_STATE", `${id} was claimed without a workspace.`, {
      hint: `Make one with: berth claim ${id}`,
    });
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
      await writeFile(path, withNote(before, id, at, input.text), { flush: true });
      const git = { ...project.git, dir };
      await run(git, ["add", "--", file]);
      await run(git, [
        "commit",
        "--quiet",
        "--no-verify",
        "--only",
        "-m",
        `[${id}] docs: learn: ${oneLine(input.text).slice(0, 60)}`,
        "--",
        file,
      ]);
      return gitText(git, ["rev-parse", "HEAD"]);
    },
  );
  return { entry: { session: id, file, at, text: input.text, commit }, warnings: [] };
}

import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { BerthError } from "../errors.ts";
import { type Git, text } from "./run.ts";

const NEEDED = [2, 39] as const;

/**
 * @returns git's version, such as `2.39.5`.
 * @throws BerthError GIT_TOO_OLD below 2.39 (`merge-tree --write-tree` and `cat-file --batch-command` are needed).
 */
export async function requireGit(git: Git): Promise<string> {
  const said = await text(git, ["version"]);
  const version = /(\d+)\.(\d+)(?:\.\d+)*/.exec(said);
  const [major, minor] = [Number(version?.[1]), Number(version?.[2])];
  if (!version || major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
    throw new BerthError("GIT_TOO_OLD", `Berth needs git ${NEEDED.join(".")} or newer; found "${said}".`, {
      hint: "Install a newer git and make sure that it comes first on PATH.",
      facts: { found: said, needed: NEEDED.join(".") },
    });
  }
  return version[0];
}

/**
 * As `requireGit`, asked once for each git: the program file that PATH finds is remembered with its size and times.
 * @param file where that is remembered; it may be deleted at any time
 */
export async function requireKnownGit(git: Git, file: string): Promise<void> {
  const program = await programFile(git.env);
  if (program !== null && program === (await readFile(file, "utf8").catch(() => null))) return;
  await requireGit(git);
  if (program === null) return;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.${process.pid}`, program);
    await rename(`${file}.${process.pid}`, file);
  } catch {
    // A read-only git directory costs only the memory.
  }
}

/** What identifies the git that PATH finds; null where that cannot be told. */
async function programFile(env: Git["env"]): Promise<string | null> {
  for (const folder of (env["PATH"] ?? "").split(delimiter)) {
    const path = join(folder, "git");
    const found = folder === "" ? null : await stat(path).catch(() => null);
    if (found?.isFile())
      return `${NEEDED.join(".")} ${path} ${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}`;
  }
  return null;
}

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

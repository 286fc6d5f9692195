import { realpath } from "node:fs/promises";
import { dirname, sep } from "node:path";
import { BerthError } from "../errors.ts";

/**
 * Checks a folder of a workspace before something is written below it; what does not exist yet is judged by the
 * folder above.
 * @throws BerthError INVALID when it leads out of the workspace through a link
 */
export async function requireInside(dir: string, folder: string): Promise<void> {
  const [top, real] = [await realpath(dir), await existing(folder)];
  if (real === top || real.startsWith(top + sep)) return;
  throw new BerthError("INVALID", `${folder} leads out of the workspace, to ${real}.`, {
    hint: "Replace the link in its path by a folder.",
    facts: { dir, folder, real },
  });
}

async function existing(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || dirname(folder) === folder) throw error;
    return existing(dirname(folder));
  }
}

import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { shortHash } from "../hash.ts";
import type { Oid, RefName } from "./names.ts";
import type { ObjectReader } from "./objects.ts";
import { isAncestor, resolveCommit } from "./refs.ts";
import type { Git } from "./run.ts";
import { settleFiles } from "./settle-files.ts";

/** A checkout whose files are brought along with its branch, as it is noted before a file is touched. */
export interface Bringing {
  readonly checkout: string;
  readonly ref: RefName;
  readonly old: Oid;
  readonly new: Oid;
}

/** Notes in the journal (a folder of ours below the git directory) what is about to be done. */
export async function noteBringing(journal: string, plan: Bringing): Promise<void> {
  await mkdir(journal, { recursive: true });
  const name = shortHash(`${plan.checkout}\0${plan.ref}`);
  const file = join(journal, `${name}.json`);
  await writeFile(`${file}.new`, JSON.stringify(plan), { flush: true });
  await rename(`${file}.new`, file);
}

/**
 * Ends what is noted in the journal. Where the reference has moved, its checkout was brought along before; where it has
 * not, the files go back to it. The caller has the turn at the hub, so that nobody is at work on any of it.
 */
export async function settleBringings(git: Git, objects: ObjectReader, journal: string): Promise<void> {
  const names = await readdir(journal).catch(() => []);
  for (const name of names.filter((n) => n.endsWith(".json"))) {
    const file = join(journal, name);
    const plan = JSON.parse(await readFile(file, "utf8")) as Bringing;
    const at = await resolveCommit(objects, plan.ref);
    const there = await lstat(join(plan.checkout, ".git")).catch(() => null);
    if (at && there && !(await isAncestor(git, plan.new, at))) await settleFiles(git, plan.checkout, at, plan);
    await rm(file, { force: true });
  }
}

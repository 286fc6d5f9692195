import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BerthError } from "../errors.ts";
import { bringFiles, overlapsOf } from "./checkout.ts";
import type { Hub, HubFinding, Publication } from "./hub.ts";
import { branchRef, type Oid, type RefName } from "./names.ts";
import type { ObjectReader } from "./objects.ts";
import { isAncestor, resolveCommit, type RefUpdate, updateRefs } from "./refs.ts";
import { type Git, run } from "./run.ts";
import { listWorktrees } from "./worktree.ts";

/** Where the local hub writes down a checkout that it is bringing along, before it touches a file. */
interface Journal {
  readonly checkout: string;
  readonly ref: RefName;
  readonly old: Oid;
  readonly new: Oid;
}

/**
 * The local repository as hub: references move in one `update-ref` transaction. A checkout of a moved branch is brought
 * along first, with a journal, so that no checkout is ever left behind its branch. Callers queue: one publication at a
 * time in a repository.
 * @param journal a folder of ours below the shared git directory
 */
export function openLocalHub(git: Git, objects: ObjectReader, commonDir: string, journal: string): Hub {
  return {
    kind: "local",
    name: commonDir,
    id: createHash("sha256").update(commonDir).digest("hex").slice(0, 16),
    seen: branchRef,
    fetch: () => settle(git, objects, journal),
    publish: (updates) => publish(git, objects, journal, updates),
    defaultBranch: async () => {
      const { stdout } = await run(git, ["symbolic-ref", "--quiet", "--short", "HEAD"], { accept: [1] });
      return stdout.toString("utf8").trim() || null;
    },
    inspect: (): Promise<readonly HubFinding[]> =>
      Promise.resolve([{ name: "hub", ok: true, detail: "no remote: this repository is the hub", fix: null }]),
  };
}

async function publish(
  git: Git,
  objects: ObjectReader,
  journal: string,
  updates: readonly RefUpdate[],
): Promise<Publication> {
  for (const update of updates) {
    if (update.old && update.new && !(await isAncestor(git, update.old, update.new))) {
      return { accepted: false, said: `${update.ref} would not move forward`, cut: false, notAtomic: false };
    }
  }
  const brought = await bringCheckouts(git, journal, updates);
  const moved = await updateRefs(git, updates, "berth: publish");
  if (!moved && brought.length > 0) await settle(git, objects, journal);
  else await Promise.all(brought.map((file) => rm(file, { force: true })));
  return moved ? { accepted: true } : { accepted: false, said: "a branch had moved", cut: false, notAtomic: false };
}

async function bringCheckouts(git: Git, journal: string, updates: readonly RefUpdate[]): Promise<string[]> {
  const worktrees = (await listWorktrees(git)).filter((w) => !w.bare && !w.prunable);
  const plans: Journal[] = [];
  for (const update of updates) {
    if (!update.old || !update.new) continue;
    for (const w of worktrees) {
      if (w.branch === update.ref) plans.push({ checkout: w.path, ref: update.ref, old: update.old, new: update.new });
    }
  }
  for (const plan of plans) {
    const paths = await overlapsOf(git, plan.checkout, plan.old, plan.new);
    if (paths.length > 0) throw overlap(plan.checkout, paths);
  }
  const files: string[] = [];
  for (const plan of plans) {
    files.push(await writeJournal(journal, plan));
    await bringFiles(git, plan.checkout, plan.old, plan.new);
  }
  return files;
}

async function writeJournal(journal: string, plan: Journal): Promise<string> {
  await mkdir(journal, { recursive: true });
  const name = createHash("sha256").update(`${plan.checkout}\0${plan.ref}`).digest("hex").slice(0, 16);
  const file = join(journal, `${name}.json`);
  await writeFile(`${file}.new`, JSON.stringify(plan), { flush: true });
  await rename(`${file}.new`, file);
  return file;
}

/** Finishes or undoes what a killed publication left: the files follow where the reference really is. */
async function settle(git: Git, objects: ObjectReader, journal: string): Promise<void> {
  const names = await readdir(journal).catch(() => []);
  for (const name of names.filter((n) => n.endsWith(".json"))) {
    const file = join(journal, name);
    const plan = JSON.parse(await readFile(file, "utf8")) as Journal;
    const at = await resolveCommit(objects, plan.ref);
    const published = at !== null && (await isAncestor(git, plan.new, at));
    if (published) await bringFiles(git, plan.checkout, plan.old, plan.new);
    else await bringFiles(git, plan.checkout, plan.new, plan.old);
    await rm(file, { force: true });
  }
}

function overlap(checkout: string, paths: readonly string[]): BerthError {
  return new BerthError(
    "CHECKOUT_OVERLAP",
    `The checkout ${checkout} holds local edits of files that this would change: ${paths.slice(0, 5).join(", ")}.`,
    {
      hint: "Commit those files there, or move them away, and run the same command again. Nothing was changed.",
      facts: { checkout, paths },
    },
  );
}

import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import { BerthError, messageOf } from "../errors.ts";
import { changesBetween } from "../git/diff.ts";
import { commitsBetween } from "../git/history.ts";
import { mergeCommits } from "../git/merge.ts";
import { refName } from "../git/names.ts";
import { isAncestor, mergeBase, updateRefs } from "../git/refs.ts";
import { run } from "../git/run.ts";
import { readStatus } from "../git/status.ts";
import type { TreeEntry } from "../git/tree.ts";
import { FILE, LOCK_FILE, STATES } from "../ledger/layout.ts";
import { findLinked, type LinkedWorktree, showLedger } from "../ledger/linked-worktree.ts";
import { message } from "../ledger/message.ts";
import { parsePlan } from "../ledger/plan.ts";
import { isSessionId } from "../ledger/session-id.ts";
import { publish } from "../ledger/publish.ts";
import { readTip, tipAt } from "../ledger/tip.ts";
import { type Project, scratchDir } from "../project.ts";

/**
 * Takes up what people did by hand in the linked worktree: commits that are not in the ledger yet, and, for the named
 * session, edits of its files while it is drafted or planned. They are checked and published, or kept and reported.
 * @returns warnings
 */
export async function takeUpEdits(project: Project, id: string | null): Promise<string[]> {
  const linked = await findLinked(project);
  if (!linked) return [];
  const warnings = await takeUpCommits(project, linked);
  if (id === null) return warnings;
  const status = await readStatus(project.git, linked.dir);
  const own = [...status.changed, ...status.untracked].filter(
    (p) => p.startsWith(`drafting/${id}/`) || p.startsWith(`planned/${id}/`),
  );
  if (own.length === 0) return warnings;
  await publishEdits(project, linked, id, own);
  return [...warnings, ...(await showLedger(project))];
}

/** @throws BerthError INVALID for an edited SESSION.md that cannot be used: nothing is published then */
async function publishEdits(
  project: Project,
  linked: LinkedWorktree,
  id: string,
  paths: readonly string[],
): Promise<void> {
  const files: Record<string, Buffer | null> = {};
  for (const path of paths) {
    const file = join(linked.dir, path);
    const there = await lstat(file).catch(() => null);
    if (there && !there.isFile())
      throw new BerthError("INVALID", `${path} is not a plain file.`, {
        hint: `Replace it with one, or remove it, in ${linked.dir}.`,
      });
    files[path] = there ? await readFile(file) : null;
    if (path.endsWith(`/${FILE.plan}`)) parsePlan(files[path]?.toString("utf8") ?? "", id, join(linked.dir, path));
  }
  await publish(project, (tip) => {
    // An edit is taken up on the version it was made on; a newer one in the ledger must be seen first.
    return requireUnchanged(project, linked, tip.commit, paths).then(() => ({
      change: {
        message: message(`[${id}] Edit by hand`, { session: id, agent: project.caller.name }),
        moves: [],
        files,
        keeps: [],
      },
    }));
  });
}

async function requireUnchanged(
  project: Project,
  linked: LinkedWorktree,
  tip: Parameters<typeof changesBetween>[2],
  paths: readonly string[],
): Promise<void> {
  const changed = await changesBetween(project.git, linked.head, tip);
  const both = changed.map((c) => c.path).filter((p) => paths.includes(p));
  if (both.length === 0) return;
  throw new BerthError(
    "MERGE_CONFLICT",
    `${both.join(", ")} was edited by hand in ${linked.dir} and by somebody else in the ledger.`,
    {
      hint: `Commit your edit there (git -C ${linked.dir} commit), and run the same command again: it is then merged.`,
      facts: { paths: both },
    },
  );
}

async function takeUpCommits(project: Project, linked: LinkedWorktree): Promise<string[]> {
  const tip = await readTip(project);
  if (await isAncestor(project.git, linked.head, tip.commit)) return [];
  const made = await commitsBetween(project.git, [tip.commit], linked.head, { merges: false });
  const subjects = made.map((c) => c.subject).join("; ");
  try {
    await publish(project, async (now) => {
      const merged = await mergeCommits(project.git, scratchDir(project), now.commit, linked.head);
      if (!merged.clean)
        throw new BerthError("MERGE_CONFLICT", `it conflicts in ${merged.conflicts.map((c) => c.path).join(", ")}`);
      const changes = await changesBetween(project.git, now.commit, merged.tree);
      const since = await mergeBase(project.git, now.commit, linked.head);
      const byHand = since ? await changesBetween(project.git, since, linked.head) : changes;
      await checkByHand(
        project,
        now.commit,
        byHand.map((c) => c.path),
      );
      const files: Record<string, TreeEntry | null> = {};
      for (const change of changes) files[change.path] = change.to;
      return {
        change: {
          message: `${subjects}\n\nMade by hand, taken up by Berth.\n`,
          moves: [],
          files,
          keeps: [linked.head],
        },
      };
    });
  } catch (error) {
    if (!(error instanceof BerthError) || (error.code !== "MERGE_CONFLICT" && error.code !== "INVALID")) throw error;
    return [await keepAside(project, linked, messageOf(error))];
  }
  return showLedger(project);
}

/** By hand one may edit drafts and plans, claim what is planned, and tend templates; nothing of a running claim. */
async function checkByHand(
  project: Project,
  ledger: Parameters<typeof tipAt>[1],
  paths: readonly string[],
): Promise<void> {
  const tip = await tipAt(project, ledger);
  for (const path of paths) {
    const [top = "", id = "", ...rest] = path.split("/");
    if (!STATES.some((s) => s === top) || rest.length === 0) {
      if (path === LOCK_FILE || top === "_templates" || top === "_bin" || top.endsWith(".md") || id === ".gitkeep")
        continue;
      throw new BerthError("INVALID", `${path} does not belong into the ledger`);
    }
    if (!isSessionId(id)) throw new BerthError("INVALID", `${id} is not a session id`);
    const running = await project.objects.stat(`${tip.tree}:active/${id}/${FILE.claim}`);
    if (running || top === "completed" || top === "abandoned")
      throw new BerthError("INVALID", `${path} is not changed by hand`);
  }
}

/** A commit that cannot be taken up gets a name, and the linked worktree goes on. */
async function keepAside(project: Project, linked: LinkedWorktree, why: string): Promise<string> {
  const ref = refName(`refs/berth/kept/ledger-${linked.head.slice(0, 12)}`);
  const known = await project.objects.stat(ref);
  if (!known)
    await updateRefs(project.git, [{ ref, old: null, new: linked.head }], "berth: keep a commit made by hand");
  const tip = await readTip(project);
  const status = await readStatus(project.git, linked.dir);
  const clean = status.changed.length === 0;
  if (clean) await run(project.git, ["checkout", "--quiet", "--detach", tip.commit], { dir: linked.dir });
  return `A commit made by hand in ${linked.dir} was not taken up: ${why}. It is kept as ${ref}${clean ? "" : "; commit or move away the other edits there to go on"}.`;
}

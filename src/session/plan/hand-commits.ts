import { BerthError, messageOf } from "../../errors.ts";
import { type Change, changesBetween } from "../../git/diff.ts";
import { commitsBetween } from "../../git/history.ts";
import { mergeCommits } from "../../git/merge.ts";
import { type Oid, refName } from "../../git/names.ts";
import { isAncestor, mergeBase, updateRefs } from "../../git/refs.ts";
import { run } from "../../git/run.ts";
import { readStatus } from "../../git/status.ts";
import { editTree, entryAt, type TreeEntry } from "../../git/tree.ts";
import { writeBlobs } from "../../git/write.ts";
import { FILE, LOCK_FILE, STATES } from "../../ledger/layout.ts";
import { type LinkedWorktree, showLedger, withLinked } from "../../ledger/linked-worktree.ts";
import { mergeLock, parseLock } from "../../ledger/lock-file.ts";
import { parsePlan } from "../../ledger/plan.ts";
import { publish } from "../../ledger/publish.ts";
import { isSessionId } from "../../ledger/session-id.ts";
import { type LedgerTip, readFileAt, readTip } from "../../ledger/tip.ts";
import { type Project, scratchDir } from "../../project.ts";

/**
 * Publishes commits that people made in the linked worktree, merged with the ledger as it is now. One that conflicts,
 * cannot be used, or meddles with what is not done by hand gets a name of its own and is reported.
 * @returns warnings
 */
export async function takeUpCommits(project: Project, linked: LinkedWorktree): Promise<string[]> {
  const tip = await readTip(project);
  if (await isAncestor(project.git, linked.head, tip.commit)) return [];
  const made = await commitsBetween(project.git, [tip.commit], linked.head, { merges: false });
  const subjects = made.map((c) => c.subject).join("; ");
  try {
    await publish(project, async (now) => {
      const since = await mergeBase(project.git, now.commit, linked.head);
      if (!since) throw new BerthError("INVALID", "it shares no history with the ledger");
      const byHand = await changesBetween(project.git, since, linked.head);
      for (const change of byHand) await checkChange(project, now, change);
      const merged = await mergeWithLedger(project, now, since, linked.head);
      await checkLock(project, now, merged);
      const files: Record<string, TreeEntry | null> = {};
      for (const change of await changesBetween(project.git, now.commit, merged)) files[change.path] = change.to;
      const message = `${subjects}\n\nMade by hand, taken up by Berth.\n`;
      return { change: { message, moves: [], files, keeps: [linked.head] } };
    });
  } catch (error) {
    if (!(error instanceof BerthError) || (error.code !== "MERGE_CONFLICT" && error.code !== "INVALID")) throw error;
    const kept = await withLinked(project, async (now) =>
      now.head === linked.head ? keepAside(project, now, messageOf(error)) : null,
    );
    return kept === null ? [] : [kept];
  }
  return showLedger(project);
}

/** The merged tree. Claims meet at the end of `sessions.lock` without meaning to: that file is merged by session. */
async function mergeWithLedger(project: Project, tip: LedgerTip, since: Oid, head: Oid): Promise<Oid> {
  const merged = await mergeCommits(project.git, scratchDir(project), tip.commit, head);
  if (merged.clean) return merged.tree;
  const paths = merged.conflicts.map((c) => c.path).filter((path) => path !== LOCK_FILE);
  if (paths.length > 0) throw new BerthError("MERGE_CONFLICT", `it conflicts in ${paths.join(", ")}`);
  const textAt = async (commit: Oid): Promise<string> => (await readFileAt(project, commit, LOCK_FILE)) ?? "";
  const lock = mergeLock(await textAt(since), await textAt(tip.commit), await textAt(head));
  const [blob] = await writeBlobs(project.git, scratchDir(project), [lock]);
  return editTree(
    project.git,
    project.objects,
    merged.tree,
    new Map([[LOCK_FILE, blob ? { mode: "100644", oid: blob } : null]]),
  );
}

/** By hand one may edit drafts and plans, claim what is planned, and tend templates; nothing of a running claim. */
async function checkChange(project: Project, tip: LedgerTip, change: Change): Promise<void> {
  const { path } = change;
  const [top = "", id = "", ...rest] = path.split("/");
  if (!STATES.some((s) => s === top) || rest.length === 0) {
    if (path === LOCK_FILE || top === "_templates" || top === "_bin" || top.endsWith(".md") || id === ".gitkeep")
      return;
    throw new BerthError("INVALID", `${path} does not belong into the ledger`);
  }
  if (!isSessionId(id)) throw new BerthError("INVALID", `${id} is not a session id`);
  const running = await entryAt(project.objects, tip.tree, `active/${id}/${FILE.claim}`);
  if (running || top === "completed" || top === "abandoned")
    throw new BerthError("INVALID", `${path} is not changed by hand`);
  if (!change.to) return;
  if (change.to.mode !== "100644" && change.to.mode !== "100755")
    throw new BerthError("INVALID", `${path} is not a plain file`);
  if (rest.join("/") !== FILE.plan) return;
  const text = (await project.objects.read(change.to.oid))?.data.toString("utf8") ?? "";
  parsePlan(text, id, path);
}

/** The lines of running claims stay as they are, and no session has two. */
async function checkLock(project: Project, tip: LedgerTip, merged: Oid): Promise<void> {
  const before = parseLock((await readFileAt(project, tip.tree, LOCK_FILE)) ?? "");
  const after = parseLock((await readFileAt(project, merged, LOCK_FILE)) ?? "");
  for (const id of new Set([...before, ...after].map((line) => line.id))) {
    const [own, now] = [before, after].map((lines) => lines.filter((line) => line.id === id));
    if (now && now.length > 1) throw new BerthError("INVALID", `${id} stands twice in ${LOCK_FILE}`);
    if (own?.length === now?.length && own?.[0]?.seconds === now?.[0]?.seconds) continue;
    if (await entryAt(project.objects, tip.tree, `active/${id}/${FILE.claim}`))
      throw new BerthError("INVALID", `${id} is claimed, and its line in ${LOCK_FILE} is not changed by hand`);
  }
}

/** A commit that cannot be taken up gets a name, and the linked worktree goes on. */
async function keepAside(project: Project, linked: LinkedWorktree, why: string): Promise<string> {
  const ref = refName(`refs/berth/kept/ledger-${linked.head.slice(0, 12)}`);
  const known = await project.objects.stat(ref);
  if (!known)
    await updateRefs(project.git, [{ ref, old: null, new: linked.head }], "berth: keep a commit made by hand");
  const tip = await readTip(project);
  const forward = ["checkout", "--quiet", "--no-overwrite-ignore", "--detach", tip.commit];
  const clean =
    (await readStatus(project.git, linked.dir)).changed.length === 0 &&
    (await run(project.git, forward, { dir: linked.dir, accept: [1] })).code === 0;
  return `A commit made by hand in ${linked.dir} was not taken up: ${why}. It is kept as ${ref}${clean ? "" : "; commit or move away the other edits there to go on"}.`;
}

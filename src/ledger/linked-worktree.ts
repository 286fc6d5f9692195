import { chmod, lstat, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { BerthError } from "../errors.ts";
import { bringFiles, detachHead } from "../git/checkout.ts";
import { changesBetween } from "../git/diff.ts";
import { type Oid, oid, refName } from "../git/names.ts";
import { isAncestor, resolveCommit, updateRefs } from "../git/refs.ts";
import { run } from "../git/run.ts";
import { settleFiles } from "../git/settle-files.ts";
import { isSparse, showOnly } from "../git/sparse.ts";
import { addWorktree, listWorktrees, removeWorktree } from "../git/worktree.ts";
import { type Project, reach, stateDir } from "../project.ts";
import { withMutex } from "../store/mutex.ts";
import { FILE, STATES } from "./layout.ts";
import { foldersIn, readTip, type LedgerTip } from "./tip.ts";

/** The ledger as people see it: a work tree with a detached HEAD at `ledger.path` of the main checkout. */
export interface LinkedWorktree {
  readonly dir: string;
  readonly gitDir: string;
  readonly head: Oid;
}

const SHOWN = ["_bin", "_templates", "drafting", "planned", "active"];

/** Where the linked worktree is or would be; null in a repository without a main checkout. */
export function linkedPath(project: Project): string | null {
  return project.repository.mainTop === null ? null : join(project.repository.mainTop, project.config.ledger.path);
}

/** The linked worktree of this repository, or null where there is none. */
export async function findLinked(project: Project): Promise<LinkedWorktree | null> {
  const dir = linkedPath(project);
  if (dir === null) return null;
  const pointer = await readFile(join(dir, ".git"), "utf8").catch(() => "");
  const gitDir = /^gitdir: (.+)$/m.exec(pointer)?.[1];
  if (!gitDir?.startsWith(join(project.repository.commonDir, "worktrees"))) return null;
  const head = await resolveCommit(project.objects, `worktrees/${basename(gitDir)}/HEAD`);
  return head ? { dir, gitDir, head } : null;
}

/** @throws BerthError INVALID when files stand where the linked worktree would come */
export async function requireRoomForLinked(project: Project): Promise<void> {
  const dir = linkedPath(project);
  if (dir === null || (await findLinked(project))) return;
  const there = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    if (error.code === "ENOTDIR") return [dir];
    throw error;
  });
  // What a killed addition left is git's to go on with.
  if (there.every((name) => name === ".git")) return;
  throw new BerthError("INVALID", `${dir} holds files already, and the ledger is to be shown there.`, {
    hint: `Move them away, or have the ledger shown elsewhere, with "ledger: {path: FOLDER}" in .berth/config.yaml.`,
    facts: { dir, files: there.slice(0, 10) },
  });
}

/** Makes the linked worktree where there is none. @returns its path when it was made now */
export async function makeLinked(project: Project): Promise<string | null> {
  const dir = linkedPath(project);
  if (dir === null || (await findLinked(project))) return null;
  await requireRoomForLinked(project);
  const tip = await readTip(project);
  await forgetGone(project, dir, tip);
  await addWorktree(project.git, dir, { detached: tip.commit }, { checkout: false });
  const made = await findLinked(project);
  if (made) await limitShown(project, dir, made.gitDir, tip);
  await run(project.git, ["read-tree", "-m", "-u", tip.commit], { dir });
  await protectPlans(dir, await changesBetween(project.git, await emptyTree(project), tip.tree));
  return dir;
}

/** git still lists a linked worktree whose folder was removed. A commit that was made in it by hand keeps a name. */
async function forgetGone(project: Project, dir: string, tip: LedgerTip): Promise<void> {
  const gone = (await listWorktrees(project.git)).find((w) => w.path === dir && w.prunable);
  if (!gone) return;
  const head = gone.head === null ? null : oid(gone.head);
  if (head && !(await isAncestor(project.git, head, tip.commit))) {
    const ref = refName(`refs/berth/kept/ledger-${head.slice(0, 12)}`);
    const old = await resolveCommit(project.objects, ref);
    await updateRefs(project.git, [{ ref, old, new: head }], "berth: keep a commit made by hand");
  }
  await removeWorktree(project.git, dir);
}

async function emptyTree(project: Project): Promise<Oid> {
  const { stdout } = await run(project.git, ["hash-object", "-t", "tree", "-w", "--stdin"]);
  return stdout.toString("utf8").trim() as Oid;
}

/**
 * Brings the linked worktree to the ledger as last fetched, where that touches no local edit.
 * @returns what people should know: why it was not brought forward
 */
export async function showLedger(project: Project): Promise<string[]> {
  const linked = await findLinked(project);
  if (!linked || linked.head === (await readTip(project)).commit) return [];
  const warnings = await withLinked(project, async (now) => bring(project, now, await readTip(project)));
  await reach(project, "ledger.shown", linked.dir);
  return warnings ?? [];
}

/**
 * Runs `work` while no other process shows the ledger: only then do HEAD and files of the linked worktree belong
 * together, and a difference between them is somebody's edit. @returns null where there is no linked worktree
 */
export async function withLinked<T>(project: Project, work: (linked: LinkedWorktree) => Promise<T>): Promise<T | null> {
  const file = join(stateDir(project), "locks", "linked.lock");
  const what = `the turn at ${linkedPath(project) ?? "the linked worktree"}`;
  return withMutex(file, { clock: project.clock, waitMs: 20_000, what, signal: project.signal }, async () => {
    const linked = await findLinked(project);
    if (!linked) return null;
    await settle(project, linked);
    return work(linked);
  });
}

async function bring(project: Project, linked: LinkedWorktree, tip: LedgerTip): Promise<string[]> {
  if (linked.head === tip.commit) return [];
  if (!(await isBehind(project, linked.head, tip.commit))) {
    return [`${linked.dir} holds a commit that is not in the ledger yet; the next verb that writes takes it up.`];
  }
  await limitShown(project, linked.dir, linked.gitDir, tip);
  const changes = await changesBetween(project.git, linked.head, tip.commit);
  await writeNote(project, { old: linked.head, new: tip.commit });
  try {
    await bringFiles(project.git, linked.dir, linked.head, tip.commit, changes);
    await reach(project, "ledger.files-shown", linked.dir);
    await detachHead(project.git, linked.dir, tip.commit, linked.head);
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    await settle(project, linked);
    // The ledger itself has moved: what this machine shows of it is worth a warning.
    return [`${linked.dir} was not brought forward: ${error.message}`];
  }
  await rm(noteFile(project), { force: true });
  await protectPlans(linked.dir, changes);
  return [];
}

/** Whether `tip` goes on from `head`; most often by one commit, which one look at it tells. */
async function isBehind(project: Project, head: Oid, tip: Oid): Promise<boolean> {
  const header = (await project.objects.read(tip))?.data.toString("latin1").split("\n\n")[0] ?? "";
  return header.split("\n").includes(`parent ${head}`) || isAncestor(project.git, head, tip);
}

/** What is being done to the linked worktree, written down before a file is touched. */
interface Note {
  readonly old: Oid;
  readonly new: Oid;
}

function noteFile(project: Project): string {
  return join(stateDir(project), "showing.json");
}

async function writeNote(project: Project, note: Note): Promise<void> {
  await writeFile(`${noteFile(project)}.new`, JSON.stringify(note), { flush: true });
  await rename(`${noteFile(project)}.new`, noteFile(project));
}

/** Puts right what a killed run left half shown: the files go back to HEAD. */
async function settle(project: Project, linked: LinkedWorktree): Promise<void> {
  const text = await readFile(noteFile(project), "utf8").catch(() => null);
  if (text === null) return;
  const note = JSON.parse(text) as Note;
  if (linked.head === note.old) await settleFiles(project.git, linked.dir, linked.head, note);
  await rm(noteFile(project), { force: true });
}

/** With many finished sessions only the living ones are shown, or every claim would pay for all that ever was. */
async function limitShown(project: Project, dir: string, gitDir: string, tip: LedgerTip): Promise<void> {
  if (await isSparse(gitDir)) return;
  let finished = 0;
  for (const state of ["completed", "abandoned"] as const) finished += (await foldersIn(project, tip, state)).size;
  if (finished > project.config.ledger.visible) await showOnly(project.git, dir, SHOWN);
}

/** SESSION.md is read-only once its session is claimed, and writable before. */
async function protectPlans(dir: string, changes: Awaited<ReturnType<typeof changesBetween>>): Promise<void> {
  for (const change of changes) {
    const [state, , file, more] = change.path.split("/");
    if (!change.to || file !== FILE.plan || more !== undefined) continue;
    if (!STATES.some((s) => s === state)) continue;
    const writable = state === "drafting" || state === "planned";
    const plan = join(dir, change.path);
    // Folders that are not shown have no file to protect; a link is never followed.
    if ((await lstat(plan).catch(() => null))?.isFile()) await chmod(plan, writable ? 0o644 : 0o444);
  }
}

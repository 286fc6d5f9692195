import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { BerthError } from "../../errors.ts";
import { branchRef, type Oid, oid } from "../../git/names.ts";
import { isAncestor, mergeBase, resolveCommit } from "../../git/refs.ts";
import { run, text } from "../../git/run.ts";
import { editTree } from "../../git/tree.ts";
import { fetchHub, withTurn } from "../../ledger/publish.ts";
import { readRow, type SessionRow } from "../../ledger/rows.ts";
import { readTip } from "../../ledger/tip.ts";
import { baseRef, type Project, reach } from "../../project.ts";
import type { Workspace } from "../../workspace/marker.ts";
import { safeguard } from "../checkpoint/safeguard.ts";
import { mergeWork, type WorkMerge } from "../context/merge-context.ts";
import { contextEdit, contextOf } from "../context/context-edit.ts";
import { cleanTip } from "./clean.ts";
import { conflictsOf } from "./conflicts.ts";
import { findHolding, requireHeld } from "../holding.ts";
import { pushSession } from "./push-session.ts";
import { bringToClone, mergeCommit, moveWorkspace, requireRoom, takeLandingIn } from "./return.ts";
import { verifyTree } from "./verify.ts";

export interface SyncResult {
  readonly session: SessionRow;
  readonly merged: { readonly commit: Oid; readonly base: Oid; readonly changed: boolean };
  readonly warnings: readonly string[];
}

export interface SyncInput {
  readonly id?: string | undefined;
  /** Subject of the merge commit; without it one that names the base. */
  readonly message?: string | undefined;
  /** A command that must pass on the merged tree before the workspace moves to it. */
  readonly verify?: string | undefined;
  readonly dryRun?: boolean;
}

/**
 * Merges the base branch into the session. Conflicts are left in the workspace as an ordinary git merge to be resolved
 * and committed there. [ASP-17]
 * @throws BerthError DIRTY, STALE_EPOCH, VERIFY_FAILED, MERGE_CONFLICT (with the merge under way in the workspace)
 */
export async function sync(
  project: Project,
  input: SyncInput,
): Promise<SyncResult | { plan: Record<string, unknown> }> {
  const holding = await findHolding(project, input.id, "sync");
  const subject = subjectOf(holding.id, input.message ?? `chore: sync with ${project.config.base}`);
  const { dir } = holding.workspace;
  if (dir === null)
    throw new BerthError(
      "WRONG_STATE",
      `${holding.id} was claimed without a workspace; there is nothing to bring up to date.`,
      { hint: `Make one with: berth claim ${holding.id}` },
    );
  await withTurn(project, () => fetchHub(project));
  const held = await requireHeld(project, await readTip(project), holding);
  const clean = await cleanTip(project, holding, { dryRun: input.dryRun ?? false });
  if (!clean) throw new BerthError("FAILED", `The workspace of ${holding.id} cannot be read.`);
  const base = await resolveCommit(project.objects, baseRef(project));
  if (!base)
    throw new BerthError("NO_BASE", `The base branch ${project.config.base} does not exist on ${project.hub.name}.`);
  if (input.dryRun)
    return {
      plan: {
        session: holding.id,
        base,
        tip: clean.commit,
        changes: !(await isAncestor(project.git, base, clean.commit)),
      },
    };
  const tip = await takeLandingIn(project, holding.id, held, holding.workspace, clean);
  const session = await readRow(project, held.at);
  if (await isAncestor(project.git, base, tip.commit)) {
    const late = await pushSession(project, holding, tip.commit);
    return { session, merged: { commit: tip.commit, base, changed: false }, warnings: late === null ? [] : [late] };
  }
  const result = await mergeWork(project, tip.commit, base);
  if (!result.clean) {
    await requireRoom(project, dir, tip.commit, result.tree);
    await leaveMerge(project, holding.workspace, dir, { base, subject, contexts: result.contexts });
    throw await conflictLeft(project, { id: holding.id, base, tip: tip.commit }, result, dir);
  }
  const now = project.clock.now();
  const step = { commit: tip.commit, tree: result.tree, at: now, against: base };
  const edits = await contextEdit(project, held.record, step);
  const tree = await editTree(project.git, project.objects, result.tree, edits);
  const commit = await mergeCommit(project, held, {
    tree,
    parents: [tip.commit, base],
    message: `${subject}\n`,
    seconds: Math.floor(now / 1000),
  });
  const verify = input.verify?.trim() ? [input.verify.trim()] : [];
  await verifyTree(project, commit, tree, { holding, verify });
  await reach(project, "sync.merged", commit);
  await moveWorkspace(project, holding.workspace, commit);
  await reach(project, "sync.brought", dir);
  const unpushed = await pushSession(project, holding, commit);
  return { session, merged: { commit, base, changed: true }, warnings: unpushed === null ? [] : [unpushed] };
}

/** @throws BerthError USAGE when the words do not make the subject of a session's commit */
function subjectOf(id: string, words: string): string {
  const own = words.trim();
  const subject = own.startsWith(`[${id}] `) ? own : `[${id}] ${own}`;
  const rest = subject.slice(id.length + 3);
  if (/^[a-z]+(?:\([^()\n]+\))?!?: \S[^\p{Cc}]*$/u.test(rest)) return subject;
  throw new BerthError("USAGE", `This is no subject for a commit of ${id}: ${JSON.stringify(own)}.`, {
    hint: `Write it as [${id}] type: what was done; the part in brackets may be left out.`,
  });
}

/** Reported as a landing sees it, so that a conflict reads the same from both verbs. */
async function conflictLeft(
  project: Project,
  at: { readonly id: string; readonly base: Oid; readonly tip: Oid },
  result: Extract<WorkMerge, { readonly clean: false }>,
  dir: string,
): Promise<BerthError> {
  const reported = await mergeWork(project, at.base, at.tip);
  const { tree, conflicts } = reported.clean ? result : reported;
  const error = await conflictsOf(project, { ...at, tree, conflicts });
  const { path } = await contextOf(project, at.tip);
  const repair = conflicts.some((one) => one.path === path)
    ? " In its context only what both sides changed is left to decide after: berth context repair"
    : "";
  return new BerthError("MERGE_CONFLICT", error.message, {
    hint: `The merge is under way in ${dir}: resolve the files there, then git add them and git commit. Its message is prepared.${repair}`,
    facts: { ...error.facts, workspace: dir, merging: true },
  });
}

/** The merge as people resolve it, and a checkpoint of it before anybody does. */
async function leaveMerge(
  project: Project,
  workspace: Workspace,
  dir: string,
  merge: { readonly base: Oid; readonly subject: string; readonly contexts: WorkMerge["contexts"] },
): Promise<void> {
  await beginMerge(project, workspace, dir, merge.base, merge.subject);
  await bringContexts(project, dir, merge.contexts);
  await safeguard(project, workspace, "conflicts of a sync, before anybody resolved them");
}

/** Contexts that could be merged by their values need no hand. */
async function bringContexts(project: Project, dir: string, contexts: WorkMerge["contexts"]): Promise<void> {
  const git = { ...project.git, dir };
  for (const [path, { oid: blob }] of contexts) {
    const found = await project.objects.read(blob);
    if (!found) continue;
    await writeFile(join(dir, path), found.data);
    await run(git, ["add", "--", `:(top,literal)${path}`]);
  }
}

/** Starts the same merge with git itself, in the workspace, where people and agents know how to resolve it. */
async function beginMerge(
  project: Project,
  workspace: Workspace,
  dir: string,
  base: Oid,
  subject: string,
): Promise<void> {
  if (workspace.marker.kind === "clone") {
    await bringToClone(project, dir, base);
    await deepen(project, workspace.marker.branch, dir, base);
  }
  const pinned = [
    "-c",
    "merge.conflictStyle=diff3",
    "-c",
    "merge.directoryRenames=false",
    "-c",
    "diff.algorithm=histogram",
  ];
  await run(
    { ...project.git, dir },
    [...pinned, "merge", "--quiet", "--no-ff", "--no-commit", "--no-stat", "-m", subject, base],
    { accept: [1] },
  );
}

/** A clone begins shallow: it gets as much of its branch's history as a merge with `base` needs. */
async function deepen(project: Project, branch: string, dir: string, base: Oid): Promise<void> {
  const git = { ...project.git, dir };
  for (const step of ["--deepen=100", "--deepen=1000", "--unshallow"]) {
    if (await mergeBase(git, oid(await text(git, ["rev-parse", "HEAD"])), base)) return;
    const from = pathToFileURL(project.repository.commonDir).href;
    await run(git, ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", step, from, branchRef(branch)]);
  }
}

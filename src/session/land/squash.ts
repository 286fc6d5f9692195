import { unixSeconds } from "../../clock.ts";
import { BerthError } from "../../errors.ts";
import { commitsBetween } from "../../git/history.ts";
import type { Oid } from "../../git/names.ts";
import { isAncestor } from "../../git/refs.ts";
import { editTree } from "../../git/tree.ts";
import { writeCommit } from "../../git/write.ts";
import { SESSION_DIR } from "../../ledger/layout.ts";
import { message, parseSubject } from "../../ledger/message.ts";
import { type Project, reach } from "../../project.ts";
import { mergeWork } from "../context/merge-context.ts";
import { conflictsOf } from "./conflicts.ts";
import { passGates, requireCleanBase } from "./gates.ts";
import type { Held } from "../holding.ts";

/** A session's work as one commit on the base tip, in objects only. */
export interface Squash {
  /** The squash commit; null when the base holds all of it already. */
  readonly commit: Oid | null;
  /** The tree that lands. */
  readonly tree: Oid;
  readonly base: Oid;
}

/**
 * Merges the session's tip with the base tip, passes the gates, and makes the squash commit. Nothing moves.
 * @throws BerthError MERGE_CONFLICT, GATE_REFUSED
 */
export async function makeSquash(
  project: Project,
  work: {
    readonly id: string;
    readonly held: Held;
    readonly tip: Oid;
    readonly base: Oid;
    readonly title: string;
    readonly message?: string | undefined;
  },
): Promise<Squash> {
  const { id, held, tip, base } = work;
  let merged = tip;
  if (!(await isAncestor(project.git, base, tip))) {
    const result = await mergeWork(project, base, tip);
    if (!result.clean) {
      await requireCleanBase(project, work);
      throw await conflictsOf(project, { id, base, tip, tree: result.tree, conflicts: result.conflicts });
    }
    merged = result.tree;
  }
  const whole = (await project.objects.stat(`${merged}^{tree}`))?.oid;
  if (!whole) throw new BerthError("UNREADABLE", `The merged tree ${merged} cannot be read.`);
  const tree = await editTree(project.git, project.objects, whole, new Map([[SESSION_DIR, null]]));
  await reach(project, "merge.made", tree);
  await passGates(project, { id, held, tip, base, tree });
  const baseTree = (await project.objects.stat(`${base}^{tree}`))?.oid;
  if (tree === baseTree) return { commit: null, tree, base };
  const text = await squashMessage(project, work);
  const author = { name: held.record.agent, email: held.record.email };
  const seconds = unixSeconds(project.clock.now());
  const commit = await writeCommit(
    project.git,
    { tree, parents: [base], message: text, author, seconds },
    project.signs,
  );
  await reach(project, "land.squashed", commit);
  return { commit, tree, base };
}

async function squashMessage(project: Project, work: Parameters<typeof makeSquash>[1]): Promise<string> {
  const { id, held, tip, base, title } = work;
  const since = held.record.landed.map((l) => l.tip);
  const commits = await commitsBetween(project.git, [base, ...since], tip);
  const subjects = commits
    .filter((c) => c.parents.length < 2 && !c.body.includes("Berth-Opens: "))
    .map((c) => parseSubject(c.subject))
    .filter((s) => s !== null)
    .filter((s) => !isJournal(s));
  const authors = new Map(commits.map((c) => [`${c.author.name}\0${c.author.email}`, c.author]));
  const types = new Set(subjects.map((s) => s.type));
  const type = types.size === 1 ? [...types][0] : "feat";
  const given = work.message?.trim();
  const said =
    given && /^[a-z]+(\([^()]+\))?!?: /.test(given)
      ? given
      : `${type === "OVERRIDE" ? "fix" : type}: ${given || title}`;
  const body = subjects.length > 1 ? subjects.map((s) => `- ${s.type}: ${s.description}`).join("\n") : "";
  const trailers = {
    session: id,
    agent: held.record.agent,
    epoch: held.record.epoch,
    landed: tip,
    coAuthors: [...authors.values()],
  };
  return message(`[${id}] ${said}`, trailers, body);
}

/** Entries that `log`, `plan` and `subsession` commit to `.session/`: nothing of them lands. */
function isJournal(subject: { readonly type: string; readonly description: string }): boolean {
  return subject.type === "docs" && /^(?:log|plan|subsession): /.test(subject.description);
}

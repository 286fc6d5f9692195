import { isoSeconds } from "../../clock.ts";
import { factsOf, isOfContext } from "../../context/facts.ts";
import { CONTEXT_FILE } from "../../context/locate.ts";
import { type ContextText, readContext } from "../../context/read.ts";
import { isDoneAt } from "../../context/ticket/frozen.ts";
import { withChanges, type Changes } from "../../context/update.ts";
import { isBerthError } from "../../errors.ts";
import { type Change, changesBetween } from "../../git/diff.ts";
import type { Oid } from "../../git/names.ts";
import { mergeBase } from "../../git/refs.ts";
import { entryAt, type TreeEntry } from "../../git/tree.ts";
import { writeBlobs } from "../../git/write.ts";
import type { ClaimRecord } from "../../ledger/claim-record.ts";
import { FILE, SESSION_DIR } from "../../ledger/layout.ts";
import { readFileAt } from "../../ledger/tip.ts";
import { type Project, scratchDir } from "../../project.ts";
import { ticketOf } from "./opening-context.ts";

/** Where the context of a session is in its own trees. */
export interface ContextAt {
  readonly path: string;
  readonly ticket: string | null;
  /** Whether it is that of a done ticket, which nobody changes any more. */
  readonly frozen: boolean;
}

/** Which document is the context of a session, as the plan in a tree of its branch says. */
export async function contextOf(project: Project, tree: Oid): Promise<ContextAt> {
  const { layout, tickets, central } = project.config.context;
  const plan = await readFileAt(project, tree, `${SESSION_DIR}/${FILE.plan}`);
  const ticket = plan === null ? null : ticketOf(plan);
  if (ticket !== null) {
    const frozen = await isDoneAt(project, tree, ticket);
    return { path: `${tickets}/${ticket}/${CONTEXT_FILE}`, ticket, frozen };
  }
  const path = layout === "central" ? `${central}/${CONTEXT_FILE}` : `${SESSION_DIR}/${FILE.context}`;
  return { path, ticket, frozen: false };
}

/**
 * The context of a session as it is after a step of the session, as an edit of the tree that the step makes. A document
 * that is damaged stays as it is: the gates of a landing tell. [CTX-14]
 * @param step.commit the session's tip before the step; facts are told of it
 * @param step.against what the work is compared with: a commit of the base branch
 * @param step.at milliseconds; two runs of one step must say the same
 * @returns no edit where there is no context
 */
export async function contextEdit(
  project: Project,
  record: Pick<ClaimRecord, "branch">,
  step: { readonly commit: Oid; readonly tree: Oid; readonly at: number; readonly against: Oid | null },
  changes: Changes = {},
): Promise<Map<string, TreeEntry>> {
  const edits = new Map<string, TreeEntry>();
  const { path, ticket, frozen } = await contextOf(project, step.tree);
  if (frozen) return edits;
  const entry = await entryAt(project.objects, `${step.tree}^{tree}`, path);
  const text = entry?.mode === "100644" ? await readFileAt(project, step.tree, path) : null;
  const read = text === null ? null : readable(text, path);
  if (text === null || read === null) return edits;
  const from = step.against && (await mergeBase(project.git, step.commit, step.against));
  const done = from ? await changesBetween(project.git, from, step.commit) : [];
  const facts = workFacts(project, read, { branch: record.branch, commit: step.commit, changes: done, ticket });
  const edited = withChanges(text, read, { ...facts, ...changes }, isoSeconds(step.at), path);
  if (edited === text) return edits;
  const [oid] = await writeBlobs(project.git, scratchDir(project), [edited]);
  if (oid) edits.set(path, { mode: "100644", oid });
  return edits;
}

/** The keys that git fills in. */
export function workFacts(
  project: Project,
  read: ContextText,
  at: {
    readonly branch: string;
    readonly commit: string | null;
    readonly changes: readonly Change[];
    readonly ticket: string | null;
  },
): Changes {
  const facts = { ...at, repository: repositoryName(project), directory: null };
  return factsOf(read, facts, (path) => isOfContext(path, at.ticket, project.config.context.tickets));
}

/** The name people know the repository by: the end of the hub's address. */
function repositoryName(project: Pick<Project, "hub">): string {
  const parts = project.hub.name.replace(/\/\.git$|\.git$|\/$/g, "").split(/[/:\\]/);
  return parts.slice(-2).join("/") || project.hub.name;
}

/** A context in a form that is written; null for one that is damaged, and for prose. */
export function readable(text: string, path: string): ContextText | null {
  try {
    const read = readContext(text, path);
    return read.format === "front-matter" || read.format === "fenced" ? read : null;
  } catch (error) {
    if (isBerthError(error)) return null;
    throw error;
  }
}

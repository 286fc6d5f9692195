import { BerthError } from "../../errors.ts";
import { type Change, changesBetween } from "../../git/diff.ts";
import { type CommitRecord, commitsBetween } from "../../git/history.ts";
import type { Oid } from "../../git/names.ts";
import { isAncestor } from "../../git/refs.ts";
import { entryAt } from "../../git/tree.ts";
import { FILE, isKnowledgeSession, SESSION_DIR } from "../../ledger/layout.ts";
import { parseSubject } from "../../ledger/message.ts";
import { readFileAt } from "../../ledger/tip.ts";
import type { Project } from "../../project.ts";
import { contextOf } from "../context/context-edit.ts";
import { contextProblems, migratedBlobs } from "../context/gate-context.ts";
import { ticketGateProblems } from "../context/gate-tickets.ts";
import type { GateProblem } from "./gate-problem.ts";
import type { Held } from "../holding.ts";

/** What is about to land. */
export interface Candidate {
  readonly id: string;
  readonly held: Held;
  /** The session branch's tip. */
  readonly tip: Oid;
  /** The base branch's tip. */
  readonly base: Oid;
  /** The merged tree without the session's folder. */
  readonly tree: Oid;
}

/**
 * The gates every landing passes, whatever hooks did or did not run before.
 * @throws BerthError GATE_REFUSED with all problems
 */
export async function passGates(project: Project, candidate: Candidate): Promise<void> {
  const changes = await changesBetween(project.git, candidate.base, candidate.tree);
  const problems = [
    ...(await sessionFolder(project, candidate)),
    ...knowledgeProblems(
      project,
      candidate.id,
      changes.map((c: Change) => c.path),
    ),
    ...knowledgeShape(project, changes),
    ...(await frozenPlan(project, candidate)),
    ...(await commitProblems(project, candidate)),
    ...(await contextProblems(project, candidate, changes)),
    ...(await ticketsOf(project, candidate, changes)),
  ];
  if (problems.length > 0) throw refused(candidate.id, problems);
}

async function ticketsOf(
  project: Project,
  { tip, base, tree }: Candidate,
  changes: readonly Change[],
): Promise<GateProblem[]> {
  if (!changes.some(({ path }) => path.startsWith(`${project.config.context.tickets}/`))) return [];
  const { ticket } = await contextOf(project, tip);
  const taken = await migratedBlobs(project, changes);
  return ticketGateProblems(project, { ticket, from: base, to: tree, isTaken: (one) => taken.has(one) }, changes);
}

/**
 * The gate that is passed before a merge is called conflicting: no resolution in the workspace would help.
 * @throws BerthError GATE_REFUSED
 */
export async function requireCleanBase(project: Project, candidate: Pick<Candidate, "id" | "base">): Promise<void> {
  const problems = await sessionFolder(project, candidate);
  if (problems.length > 0)
    throw refused(
      candidate.id,
      problems,
      `Remove it on ${project.config.base}, then run the same verb again. Nothing was changed.`,
    );
}

const CORRECT =
  "Correct this on the session's branch with a further commit (for messages and authors: git rebase -i), then run the same verb again. Nothing was changed.";

function refused(id: string, problems: readonly GateProblem[], hint: string = CORRECT): BerthError {
  return new BerthError("GATE_REFUSED", `${id} may not land: ${problems.map((p) => p.message).join("; ")}.`, {
    hint,
    facts: { session: id, problems },
  });
}

async function sessionFolder(project: Project, candidate: Pick<Candidate, "base">): Promise<GateProblem[]> {
  const found = await entryAt(project.objects, `${candidate.base}^{tree}`, SESSION_DIR);
  if (!found) return [];
  const message = `the base branch holds ${SESSION_DIR}/, which belongs to workspaces alone; remove it there`;
  return [{ gate: "session-folder", message, paths: [SESSION_DIR] }];
}

/** Paths of the knowledge folder that this session may not change. [ASP-19] [ASP-21] */
export function knowledgeProblems(project: Project, id: string, paths: readonly string[]): GateProblem[] {
  const root = `${project.config.knowledge}/`;
  const own = `${root}sessions/${id}/`;
  const foreign = paths.filter((path) => path.startsWith(`${root}sessions/`) && !path.startsWith(own));
  const canonical = isKnowledgeSession(id)
    ? []
    : paths.filter((path) => path.startsWith(root) && !path.startsWith(`${root}sessions/`));
  const problems: GateProblem[] = [];
  if (canonical.length > 0) {
    const message = `only kb- sessions change canonical knowledge (${canonical.join(", ")}); note it in ${own}learnings.md instead`;
    problems.push({ gate: "knowledge", message, paths: canonical });
  }
  if (foreign.length > 0) {
    problems.push({
      gate: "knowledge",
      message: `learnings of another session are changed (${foreign.join(", ")})`,
      paths: foreign,
    });
  }
  return problems;
}

/** The knowledge folder holds plain files alone: a link there would lead writers out of the repository. */
function knowledgeShape(project: Project, changes: readonly Change[]): GateProblem[] {
  const root = project.config.knowledge;
  const paths = changes
    .filter(({ path, to }) => {
      if (to === null) return false;
      if (path.startsWith(`${root}/`)) return !to.mode.startsWith("100");
      return path === root || root.startsWith(`${path}/`);
    })
    .map((c) => c.path);
  if (paths.length === 0) return [];
  const message = `${root}/ holds folders and plain files alone (${paths.join(", ")})`;
  return [{ gate: "knowledge", message, paths }];
}

/** SESSION.md as the ledger has it, or changed by a commit that says OVERRIDE and a worklog that says why. [ASP-09] */
export async function frozenPlan(
  project: Project,
  candidate: Pick<Candidate, "id" | "held" | "tip"> & { readonly base: Oid | null },
): Promise<GateProblem[]> {
  const path = `${SESSION_DIR}/${FILE.plan}`;
  const mine = await entryAt(project.objects, `${candidate.tip}^{tree}`, path);
  const frozen = await entryAt(project.objects, candidate.held.at.tree, FILE.plan);
  if (mine && mine.mode !== "100644")
    return [{ gate: "frozen-plan", message: `${path} is not a plain file; restore it from the ledger`, paths: [path] }];
  if (mine?.oid === frozen?.oid) return [];
  // A claim without a workspace has no session folder, and then nothing of its own to land either.
  if (mine === null && candidate.base && (await isAncestor(project.git, candidate.tip, candidate.base))) return [];
  if (mine === null)
    return [{ gate: "frozen-plan", message: `${path} is missing; restore it from the ledger`, paths: [path] }];
  const since = candidate.held.record.landed.map((l) => l.tip);
  const edits = await commitsBetween(
    project.git,
    [...(candidate.base ? [candidate.base] : []), ...since],
    candidate.tip,
    {
      merges: false,
      paths: [path],
    },
  );
  const worklog = (await readFileAt(project, candidate.tip, `${SESSION_DIR}/${FILE.worklog}`)) ?? "";
  const bad: string[] = [];
  let allowed = false;
  for (const commit of edits) {
    const made = await project.objects.stat(`${commit.oid}:${path}`);
    if (made?.oid === frozen?.oid) continue;
    if (!overrides(commit, candidate.id, worklog)) bad.push(commit.oid.slice(0, 10));
    else if (made?.oid === mine.oid) allowed = true;
  }
  if (bad.length === 0 && allowed) return [];
  const message = `${path} is frozen since the claim and was changed${bad.length > 0 ? ` in ${bad.join(", ")}` : ""}; an emergency needs a commit "[${candidate.id}] OVERRIDE: reason" and the same reason in the worklog`;
  return [{ gate: "frozen-plan", message, paths: [path] }];
}

/** Shorter than this no reason says anything. */
const MIN_REASON = 8;

/** The override's own reason stands in the worklog, as a line that ends in `OVERRIDE: reason`. */
export function overrides(commit: Pick<CommitRecord, "subject">, id: string, worklog: string): boolean {
  const subject = parseSubject(commit.subject);
  if (subject?.id !== id || subject.type !== "OVERRIDE") return false;
  const reason = subject.description.trim();
  return (
    reason.length >= MIN_REASON && worklog.split(/\r?\n/).some((line) => line.trimEnd().endsWith(`OVERRIDE: ${reason}`))
  );
}

async function commitProblems(project: Project, candidate: Candidate): Promise<GateProblem[]> {
  const since = candidate.held.record.landed.map((l) => l.tip);
  // Merges too: a merge can bring anything, whatever its parents hold.
  const commits = await commitsBetween(project.git, [candidate.base, ...since], candidate.tip);
  const holders = candidate.held.record.holders;
  const problems: GateProblem[] = [];
  for (const commit of commits) {
    const short = commit.oid.slice(0, 10);
    if (parseSubject(commit.subject)?.id !== candidate.id) {
      problems.push({
        gate: "commit",
        message: `commit ${short} is not "[${candidate.id}] type: description"`,
        paths: [],
      });
    }
    if (!holders.some((h) => h.name === commit.author.name && h.email === commit.author.email)) {
      const who = `${commit.author.name} <${commit.author.email}>`;
      problems.push({
        gate: "commit",
        message: `commit ${short} is authored by ${who}, who never held this session`,
        paths: [],
      });
    }
  }
  return problems;
}

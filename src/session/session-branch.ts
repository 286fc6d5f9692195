import { ticketBranch } from "../context/ticket/publish-branch.ts";
import { isBerthError } from "../errors.ts";
import { branchRef, type Oid } from "../git/names.ts";
import { isAncestor, resolveCommit } from "../git/refs.ts";
import type { ClaimRecord } from "../ledger/claim-record.ts";
import { FILE, sessionBranch } from "../ledger/layout.ts";
import { fetchHub, withTurn } from "../ledger/publish.ts";
import { type Folder, findFolder, readClaim, readFileAt, tryReadTip } from "../ledger/tip.ts";
import type { Project } from "../project.ts";
import { ticketOf } from "./context/opening-context.ts";

/**
 * The branch that a session is to be worked on: that of its earlier claims; else its ticket's, where the settings say
 * so (`context.branch`) and nobody's work is on it; else its own. From the claim on the record says it. [ASP-08]
 */
export async function branchFor(
  project: Project,
  at: Folder,
  earlier: ClaimRecord | null,
  base: Oid,
): Promise<{ readonly branch: string; readonly warnings: readonly string[] }> {
  const branch = earlier?.branch ?? (await wantedBranch(project, at));
  const own = sessionBranch(at.id);
  if (earlier !== null || branch === own) return { branch, warnings: [] };
  for (const ref of new Set([branchRef(branch), project.hub.seen(branch)])) {
    const tip = await resolveCommit(project.objects, ref);
    if (tip === null || (await isAncestor(project.git, tip, base))) continue;
    return { branch: own, warnings: [`${branch} holds other work (${tip.slice(0, 10)}): the session is on ${own}.`] };
  }
  return { branch, warnings: [] };
}

/** The branch that a session is worked on, or would be. */
export async function branchOf(project: Project, at: Folder): Promise<string> {
  return (await readClaim(project, at))?.branch ?? (await wantedBranch(project, at));
}

async function wantedBranch(project: Project, at: Folder): Promise<string> {
  const plan = project.config.context.branch === "phase" ? await readFileAt(project, at.tree, FILE.plan) : null;
  try {
    const ticket = plan === null ? null : ticketOf(plan);
    return ticket === null ? sessionBranch(at.id) : ticketBranch(ticket);
  } catch (error) {
    // A damaged plan is told of where it is needed.
    if (!isBerthError(error)) throw error;
    return sessionBranch(at.id);
  }
}

/** As `branchOf`, as far as was fetched last. */
export async function knownBranch(project: Project, id: string): Promise<string> {
  const tip = await tryReadTip(project);
  const at = tip === null ? null : await findFolder(project, tip, id);
  return at === null ? sessionBranch(id) : branchOf(project, at);
}

/** Fetches the ledger, the base, and the branch that a session is worked on. @returns that branch */
export async function fetchSession(project: Project, id: string): Promise<string> {
  const guessed = await knownBranch(project, id);
  await withTurn(project, () => fetchHub(project, [guessed]));
  const branch = await knownBranch(project, id);
  if (branch !== guessed) await withTurn(project, () => fetchHub(project, [branch]));
  return branch;
}

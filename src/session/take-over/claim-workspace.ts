import type { ClaimRecord } from "../../ledger/claim-record.ts";
import type { Project } from "../../project.ts";
import { type Damaged, damagedOf, isThere, scanWorkspaces, type Workspace } from "../../workspace/marker.ts";

/** The workspace of one claim, where it is on this machine. */
export interface ClaimWorkspace {
  readonly workspace: Workspace | undefined;
  /** Why it is known by the ledger and its own name alone. */
  readonly damage: string | null;
}

type Claim = Pick<ClaimRecord, "session" | "epoch" | "agent" | "email" | "branch" | "claimedAt">;

/**
 * The workspace that was made for a claim, and not for one before it. Where its mark is damaged it is the one that is
 * called after the session, without a token: it can be looked at and kept, and proves nothing.
 */
export async function workspaceOfClaim(project: Project, claim: Claim): Promise<ClaimWorkspace> {
  const { sound, damaged } = await scanWorkspaces(project);
  const { session, epoch } = claim;
  const own = sound.filter(({ marker }) => marker.session === session && marker.epoch === epoch);
  const workspace = own.find(isThere) ?? own[0];
  if (workspace) return { workspace, damage: null };
  const [broken] = await damagedOf(damaged, session);
  return broken ? { workspace: standIn(project, claim, broken), damage: broken.problem.message } : NONE;
}

const NONE: ClaimWorkspace = { workspace: undefined, damage: null };

function standIn(project: Project, claim: Claim, { dir, gitDir, kind }: Damaged): Workspace {
  const { session, epoch, agent, email, branch, claimedAt } = claim;
  const parent = project.repository.mainTop ?? project.repository.commonDir;
  const proof = { version: 1, token: "", port: null, createdAt: claimedAt } as const;
  return { dir, gitDir, marker: { ...proof, session, epoch, agent, email, kind, branch, parent } };
}

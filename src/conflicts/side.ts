import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../errors.ts";
import { branchRef, type Oid } from "../git/names.ts";
import { resolveCommit } from "../git/refs.ts";
import { sessionBranch } from "../ledger/layout.ts";
import type { SessionRow } from "../ledger/rows.ts";
import type { Project } from "../project.ts";
import { listWorkspaces, type Workspace } from "../workspace/marker.ts";
import { type WorkingTree, workingTree } from "./working-tree.ts";

/** Where the work of a session was read: its files here, its branch here, what was pushed, or nowhere. */
export type SeenIn = "workspace" | "branch" | "pushed" | "nowhere";

/** The work of one active session, as far as it is known here. */
export interface Side extends WorkingTree {
  readonly id: string;
  readonly agent: string | null;
  readonly seen: SeenIn;
}

/** Where trees of workspaces are made and remembered. */
export interface Memory {
  readonly lasting: string;
  /** A folder of the caller's own, for what goes wrong in the other: that one may be damaged, or just be going. */
  readonly own: string;
}

/** So many workspaces are read at once. */
const AT_ONCE = 8;

/**
 * The work of active sessions: of those worked on this machine all that their workspaces hold, of the others what they
 * pushed, as last fetched.
 */
export async function sidesOf(project: Project, rows: readonly SessionRow[], memory: Memory): Promise<Side[]> {
  const workspaces = await listWorkspaces(project);
  const found: Side[] = Array.from({ length: rows.length });
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < rows.length; at = next++) {
      const row = rows[at];
      if (row) found[at] = await sideOf(project, row, workspaces, memory);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, rows.length) }, work));
  return found;
}

async function sideOf(project: Project, row: SessionRow, all: readonly Workspace[], memory: Memory): Promise<Side> {
  const { id, agent } = row;
  const here = await workspaceOf(row, all);
  const held = all.some(({ marker }) => marker.session === id && marker.epoch === row.epoch);
  if (here === null) return { id, agent, ...(await branchSide(project, row, held, [])) };
  try {
    const tree = await workingTree(project, here, memory.lasting).catch(() => workingTree(project, here, memory.own));
    return { id, agent, seen: "workspace", ...tree };
  } catch (error) {
    const notes = [`its uncommitted work could not be read: ${messageOf(error)}`];
    return { id, agent, ...(await branchSide(project, row, true, notes)) };
  }
}

/** The workspace of the claim that counts: that of an older one holds what its holder can no longer publish. */
async function workspaceOf(
  row: SessionRow,
  all: readonly Workspace[],
): Promise<(Workspace & { readonly dir: string }) | null> {
  for (const { marker, gitDir, dir } of all) {
    if (marker.session !== row.id || marker.epoch !== row.epoch || dir === null) continue;
    if (await lstat(dir).catch(() => null)) return { marker, gitDir, dir };
  }
  return null;
}

/** @param held whether the claim is one of this machine, whose branch here may be ahead of what was pushed */
async function branchSide(
  project: Project,
  row: SessionRow,
  held: boolean,
  notes: readonly string[],
): Promise<Omit<Side, "id" | "agent">> {
  const branch = row.branch ?? sessionBranch(row.id);
  const pushed = await resolveCommit(project.objects, project.hub.seen(branch));
  const local = await resolveCommit(project.objects, branchRef(branch));
  const objects = [join(project.repository.commonDir, "objects")];
  const tip: Oid | null = held ? (local ?? pushed) : (pushed ?? local);
  const rest = { tree: null, uncommitted: 0, objects };
  if (tip === null)
    return { ...rest, parents: [], seen: "nowhere", notes: [...notes, "nothing of it was pushed, as last fetched"] };
  const seen = tip === pushed && project.hub.kind === "remote" ? "pushed" : "branch";
  const why = seen === "pushed" ? "only what was pushed is known here" : "only its branch is known here";
  return { ...rest, parents: [tip], seen, notes: [...notes, why] };
}

import type { Manifest } from "../../checkpoint/manifest.ts";
import { checkpointRefs, findCheckpoint, readCheckpoint } from "../../checkpoint/read.ts";
import { isBerthError } from "../../errors.ts";
import { sessionId } from "../../ledger/session-id.ts";
import type { Project } from "../../project.ts";
import { workspaceHere } from "../../workspace/find.ts";

/** One checkpoint in a list. */
export interface CheckpointRow {
  readonly ref: string;
  readonly commit: string;
  readonly session: string;
  readonly at: string | null;
  readonly agent: string | null;
  readonly message: string | null;
  readonly branch: string | null;
  readonly head: string | null;
  /** Paths that differ from the commit it stands on. */
  readonly files: number | null;
  /** Why it cannot be restored. */
  readonly problem: string | null;
}

/** The checkpoints of a session, or of all where one stands in no workspace; the newest first. */
export async function checkpointList(
  project: Project,
  input: { readonly id?: string | undefined } = {},
): Promise<{ readonly checkpoints: readonly CheckpointRow[] }> {
  const id = input.id ?? (await workspaceHere(project))?.marker.session;
  const refs = await checkpointRefs(project, id === undefined ? undefined : sessionId(id));
  const checkpoints = await Promise.all(refs.toReversed().map(([ref, commit]) => rowOf(project, ref, commit)));
  return { checkpoints };
}

async function rowOf(
  project: Project,
  ref: string,
  commit: Parameters<typeof readCheckpoint>[2],
): Promise<CheckpointRow> {
  const session = ref.split("/").slice(3, -1).join("/");
  try {
    const { at, agent, message, branch, head, changed } = (await readCheckpoint(project, ref, commit)).manifest;
    return { ref, commit, session, at, agent, message, branch, head, files: changed, problem: null };
  } catch (error) {
    if (!isBerthError(error) || error.code !== "UNREADABLE") throw error;
    const nothing = { at: null, agent: null, message: null, branch: null, head: null, files: null };
    return { ref, commit, session, ...nothing, problem: error.message };
  }
}

/** A checkpoint with all that it says of itself. @throws BerthError NOT_FOUND, UNREADABLE */
export async function checkpointShow(
  project: Project,
  input: { readonly ref: string },
): Promise<{ readonly checkpoint: { readonly ref: string; readonly commit: string } & Manifest }> {
  const { ref, commit, manifest } = await findCheckpoint(project, input.ref);
  return { checkpoint: { ref, commit, ...manifest } };
}

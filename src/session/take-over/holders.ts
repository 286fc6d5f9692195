import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { type HolderLife, holderLife } from "../../coordination/agent/holder-life.ts";
import type { LifeState } from "../../coordination/agent/life.ts";
import { isBerthError, messageOf } from "../../errors.ts";
import { branchRef } from "../../git/names.ts";
import { listRefs } from "../../git/refs.ts";
import { text } from "../../git/run.ts";
import { readStatus } from "../../git/status.ts";
import { folder } from "../../ledger/layout.ts";
import { fetchHub, withTurn } from "../../ledger/publish.ts";
import { rowsOf, type SessionRow } from "../../ledger/rows.ts";
import { type LedgerTip, readClaim, readTip, requireFolder } from "../../ledger/tip.ts";
import type { Project } from "../../project.ts";
import { operand } from "../../shell-word.ts";
import type { Workspace } from "../../workspace/marker.ts";
import { liveIn } from "../../workspace/remove.ts";
import { workspaceOfClaim } from "./claim-workspace.ts";

export interface HolderState {
  readonly id: string;
  readonly holder: string | null;
  /**
   * `live`: heard of, or at work in its workspace; `suspect`: silent; `dead`: gone by all that is seen; `unknown`: nothing
   * tells.
   */
  readonly state: LifeState;
  /** What was looked at and what was seen, a sentence each. */
  readonly evidence: readonly string[];
  /** The newest snapshot of its uncommitted work on this machine. */
  readonly checkpoint: string | null;
  /** How many files of its workspace are not committed; null where the workspace is not on this machine. */
  readonly unsaved: number | null;
  /** What goes on from here: the command, where there is anything to do. */
  readonly next: string | null;
}

/**
 * What is known here of the holders of active sessions. A holder is dead only by the evidence of the live layer, while
 * nobody is at work in the workspace and nothing was published for the session since. What cannot be read of one
 * session is said there, and the others are shown. [XCS-03] [XCS-16]
 * @throws BerthError NOT_FOUND for a session that is not there
 */
export async function holders(project: Project, id?: string): Promise<{ sessions: readonly HolderState[] }> {
  await withTurn(project, () => fetchHub(project));
  const tip = await readTip(project);
  const rows = (await rowsOf(project, tip, "active")).filter((row) => id === undefined || row.id === id);
  if (id !== undefined && rows.length === 0) await requireFolder(project, tip, id);
  const snapshots = [...(await listRefs(project.git, "refs/berth/checkpoints/")).keys()];
  const sessions: HolderState[] = [];
  for (const row of rows) {
    const { gone: _gone, ...shown } = await holderOf(project, tip, row, snapshots);
    sessions.push(shown);
  }
  return { sessions };
}

/**
 * As {@link holders} of one session, on one tip of the ledger.
 * @returns whether it is shown dead: its process ended on this machine, nobody is at work there, nothing came since
 */
export async function shownDead(
  project: Project,
  tip: LedgerTip,
  id: string,
): Promise<{ holder: HolderState; dead: boolean } | null> {
  const row = (await rowsOf(project, tip, "active")).find((one) => one.id === id);
  if (!row) return null;
  const snapshots = [...(await listRefs(project.git, `refs/berth/checkpoints/${id}/`)).keys()];
  const { gone, ...holder } = await holderOf(project, tip, row, snapshots);
  return { holder, dead: gone };
}

type Judged = HolderState & { readonly gone: boolean };

async function holderOf(
  project: Project,
  tip: LedgerTip,
  row: SessionRow,
  snapshots: readonly string[],
): Promise<Judged> {
  const last = snapshots
    .filter((ref) => ref.startsWith(`refs/berth/checkpoints/${row.id}/`))
    .toSorted()
    .at(-1);
  const known = { id: row.id, holder: row.agent, checkpoint: last ?? null };
  try {
    return { ...known, ...(await lookAtHolder(project, tip, row)) };
  } catch (error) {
    if (!isBerthError(error)) throw error;
    const evidence = [messageOf(error)];
    return { ...known, state: "unknown", evidence, unsaved: null, next: nextStep(row, "unknown", false), gone: false };
  }
}

async function lookAtHolder(
  project: Project,
  tip: LedgerTip,
  row: SessionRow,
): Promise<Omit<Judged, "id" | "holder" | "checkpoint">> {
  const record = await readClaim(project, await requireFolder(project, tip, row.id));
  const { workspace, damage } = record ? await workspaceOfClaim(project, record) : NOWHERE;
  const dir = workspace?.dir ?? null;
  const working = dir === null ? [] : await liveIn(dir);
  const host = record?.host ?? null;
  const claim = { session: row.id, host, dir: workspace?.dir };
  const life = row.agent === null ? null : await holderLife(project, { ...claim, holder: row.agent });
  const published = life?.state === "dead" ? await publishedSince(project, tip, row, life.heardAt) : [];
  const state = stateOf(life, working, published, dir);
  const gone = state === "dead" && life?.gone === true && damage === null;
  const unsaved = await unsavedIn(project, workspace);
  return {
    state,
    evidence: [
      ...(row.problem === null ? [] : [row.problem]),
      ...(damage === null ? [] : [damage]),
      await whereItIs(workspace),
      ...(life?.evidence ?? []),
      ...working,
      ...published,
      ...unsaved.notes,
    ],
    unsaved: unsaved.files,
    next: nextStep(row, state, gone),
    gone,
  };
}

const NOWHERE = { workspace: undefined, damage: null } as const;

function stateOf(
  life: HolderLife | null,
  working: readonly string[],
  published: readonly string[],
  dir: string | null,
): LifeState {
  if (working.length > 0) return "live";
  // Whether anything moves in a workspace that is not here nobody can tell.
  if (life?.state === "dead" && dir === null) return "suspect";
  if (life?.state === "dead" && published.length > 0) return "suspect";
  return life?.state ?? "unknown";
}

/** What somebody published for the session after its holder was last heard of: then it is there after all. */
async function publishedSince(
  project: Project,
  tip: LedgerTip,
  row: SessionRow,
  heardAt: number | null,
): Promise<string[]> {
  const since = heardAt ?? 0;
  const after = (seconds: string): boolean => Number(seconds) * 1000 > since + 1000;
  const log = ["log", "-1", "--format=%ct"];
  const said = tip.commit === null ? "" : await text(project.git, [...log, tip.commit, "--", folder("active", row.id)]);
  const refs = row.branch === null ? [] : [project.hub.seen(row.branch), branchRef(row.branch)];
  const known = (await Promise.all(refs.map(async (ref) => [...(await listRefs(project.git, ref)).values()]))).flat();
  const commits = await Promise.all(known.map((commit) => text(project.git, [...log, commit])));
  return [
    ...(after(said) ? ["its entry in the ledger changed since"] : []),
    ...(commits.some(after) ? [`${row.branch} has a commit since`] : []),
  ];
}

async function whereItIs(workspace: Workspace | undefined): Promise<string> {
  if (!workspace) return "its workspace is not in this clone: what is not committed there cannot be seen from here";
  const { dir } = workspace;
  if (dir === null) return "it was claimed without a workspace";
  if (await hasGit(dir)) return `its workspace is ${dir}`;
  const there = await lstat(dir).catch(() => null);
  return `its workspace ${dir} is ${there ? "no checkout of git any more; what is in it stays there" : "gone"}`;
}

/** Whether git's pointer is there: without it git answers for the repository around the folder. */
async function hasGit(dir: string): Promise<boolean> {
  return (await lstat(join(dir, ".git")).catch(() => null)) !== null;
}

async function unsavedIn(
  project: Project,
  workspace: Workspace | undefined,
): Promise<{ files: number | null; notes: string[] }> {
  if (!workspace?.dir || !(await hasGit(workspace.dir))) return { files: null, notes: [] };
  try {
    const status = await readStatus(project.git, workspace.dir);
    return { files: status.changed.length + status.untracked.length, notes: [] };
  } catch (error) {
    return { files: null, notes: [`what is not committed there cannot be told: ${messageOf(error)}`] };
  }
}

function nextStep({ id, agent }: SessionRow, state: LifeState, gone: boolean): string | null {
  const takeOver = `berth recover ${operand(id, "--take-over")}`;
  if (state === "live") return null;
  if (gone) return takeOver;
  return agent === null
    ? `${takeOver} --force`
    : `Ask ${agent}, or if you know that nobody works on it: ${takeOver} --force`;
}

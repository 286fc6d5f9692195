import type { Oid } from "../git/names.ts";
import { resolveCommit } from "../git/refs.ts";
import { editTree, type TreeEntry } from "../git/tree.ts";
import { writeBlobs, writeCommit } from "../git/write.ts";
import type { ClaimRecord } from "../ledger/claim-record.ts";
import { FILE, SESSION_DIR } from "../ledger/layout.ts";
import { message } from "../ledger/message.ts";
import { foldersIn, type LedgerTip, readTip, tipAt } from "../ledger/tip.ts";
import { type Project, scratchDir } from "../project.ts";
import { makeWorkspace } from "../workspace/make.ts";
import type { Marker, Workspace } from "../workspace/marker.ts";
import { prepareWorkspace } from "../workspace/prepare.ts";
import { environmentOf, sessionEnvText } from "./session-env.ts";

/** A claim as it stands in the ledger, with the token that proves it. */
export interface WonClaim {
  readonly record: ClaimRecord;
  readonly token: string;
  readonly kind: Marker["kind"];
  /** First port of the workspace's range. */
  readonly port: number | null;
}

/**
 * Makes the workspace of a won claim: the session branch's first commit brings `.session/` in on top of the base tip of
 * the claim, or of the work an earlier claim left. Finishes what a killed run began.
 */
export async function openWorkspace(
  project: Project,
  won: WonClaim,
): Promise<{ workspace: Workspace; warnings: string[] }> {
  const { record } = won;
  const port = won.port;
  const marker: Marker = {
    version: 1,
    session: record.session,
    epoch: record.epoch,
    token: won.token,
    agent: record.agent,
    email: record.email,
    kind: won.kind,
    branch: record.branch,
    parent: project.repository.mainTop ?? project.repository.commonDir,
    port,
    createdAt: record.claimedAt,
  };
  const start =
    won.kind === "none" ? null : await openingCommit(project, record, port, (await readTip(project)).commit);
  const workspace = await makeWorkspace(project, marker, start ?? (record.base as Oid));
  const warnings = await prepareWorkspace(project, workspace, environmentOf(project, record, workspace.dir, port));
  return { workspace, warnings };
}

/**
 * The commit a session's work starts with. A branch that a killed run opened for this epoch is taken as it is.
 * @param ledger a commit of the ledger in which the claim stands
 */
export async function openingCommit(
  project: Project,
  record: ClaimRecord,
  port: number | null,
  ledger: Oid,
): Promise<Oid> {
  const there = await resolveCommit(project.objects, `refs/heads/${record.branch}`);
  if (there) {
    const commit = await project.objects.read(there);
    if (commit?.data.toString("utf8").includes(`\nBerth-Opens: ${record.epoch}\n`)) return there;
  }
  const start = record.tip ?? record.base;
  if (!start) throw new Error(`claim of ${record.session} has neither base nor tip`);
  const tip = await tipAt(project, ledger);
  const own = await sessionFiles(project, tip, record, port);
  const tree = (await project.objects.stat(`${start}^{tree}`))?.oid ?? null;
  const opened = await editTree(project.git, project.objects, tree, own);
  const text = message(`[${record.session}] chore: open the workspace`, {
    session: record.session,
    agent: record.agent,
    epoch: record.epoch,
  });
  const author = { name: record.agent, email: record.email };
  const seconds = Math.floor(Date.parse(record.claimedAt) / 1000);
  const plan = { tree: opened, parents: [start], message: `${text}Berth-Opens: ${record.epoch}\n`, author, seconds };
  return writeCommit(project.git, plan, project.signs);
}

/** `.session/` as the ledger's folder has it, without the claim record and with this machine's environment. */
async function sessionFiles(
  project: Project,
  tip: LedgerTip,
  record: ClaimRecord,
  port: number | null,
): Promise<Map<string, TreeEntry | null>> {
  const folder = (await foldersIn(project, tip, "active")).get(record.session);
  if (!folder) throw new Error(`${record.session} is not active in the ledger`);
  const env = await sessionEnvText(project, tip, record, port);
  const [environment] = await writeBlobs(project.git, scratchDir(project), [env]);
  const edits = new Map<string, TreeEntry | null>([[SESSION_DIR, { mode: "040000", oid: folder }]]);
  edits.set(`${SESSION_DIR}/${FILE.claim}`, null);
  if (environment) edits.set(`${SESSION_DIR}/${FILE.environment}`, { mode: "100644", oid: environment });
  return edits;
}

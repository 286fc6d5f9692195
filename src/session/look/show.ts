import { criteria } from "../../document/checklist.ts";
import { commitsBetween } from "../../git/history.ts";
import { readTree } from "../../git/tree.ts";
import type { ClaimRecord } from "../../ledger/claim-record.ts";
import { FILE, folder, SESSION_DIR, STATES } from "../../ledger/layout.ts";
import { fetchHub, withTurn } from "../../ledger/publish.ts";
import { readRow, rowsOf, type SessionRow } from "../../ledger/rows.ts";
import { sessionId } from "../../ledger/session-id.ts";
import { branchOf } from "../session-branch.ts";
import { type Folder, readClaim, readFileAt, readTip, requireFolder } from "../../ledger/tip.ts";
import type { Project } from "../../project.ts";
import { sessionHere } from "../../workspace/find.ts";
import { workspacesOf } from "../../workspace/marker.ts";
import { type LedgerAge, ledgerAge } from "../../ledger/fetched.ts";

export interface ShowResult {
  readonly session: SessionRow;
  /** The folder in the ledger. */
  readonly folder: string;
  readonly claim: ClaimRecord | null;
  readonly criteria: readonly { readonly text: string; readonly done: boolean }[];
  readonly subsessions: readonly string[];
  readonly files: readonly string[];
  readonly history: readonly {
    readonly commit: string;
    readonly at: string;
    readonly by: string;
    readonly subject: string;
  }[];
  readonly workspaces: readonly {
    readonly path: string | null;
    readonly agent: string;
    readonly epoch: number;
    readonly kind: string;
  }[];
  readonly plan: string;
  readonly worklog: string | null;
  readonly ledger: LedgerAge;
}

/** Everything known of one session. */
export async function show(
  project: Project,
  input: { readonly id?: string | undefined; readonly fetch?: boolean },
): Promise<ShowResult> {
  const id = sessionId(await sessionHere(project, input.id));
  if (input.fetch) await withTurn(project, () => fetchHub(project));
  const tip = await readTip(project);
  const at = await requireFolder(project, tip, id);
  const plan = (await readFileAt(project, at.tree, FILE.plan)) ?? "";
  const rows = (await Promise.all(STATES.map((state) => rowsOf(project, tip, state)))).flat();
  const paths = STATES.map((state) => folder(state, id));
  const commits = await commitsBetween(project.git, [], tip.commit, { paths, limit: 50 });
  const files = await readTree(project.objects, at.tree);
  return {
    session: await readRow(project, at),
    folder: folder(at.state, id),
    claim: await readClaim(project, at),
    criteria: criteria(plan).map(({ text, done }) => ({ text, done })),
    subsessions: rows.filter((row) => row.parent === id).map((row) => row.id),
    files: [...files.keys()],
    history: commits.map((c) => ({
      commit: c.oid,
      at: new Date(c.seconds * 1000).toISOString(),
      by: c.author.name,
      subject: c.subject,
    })),
    workspaces: (await workspacesOf(project, id)).map((w) => ({
      path: w.dir,
      agent: w.marker.agent,
      epoch: w.marker.epoch,
      kind: w.marker.kind,
    })),
    plan,
    worklog: await newestWorklog(project, at),
    ledger: await ledgerAge(project, tip.commit),
  };
}

/** The worklog as far as this machine can see it: on the session branch while work goes on, else in the ledger. */
async function newestWorklog(project: Project, at: Folder): Promise<string | null> {
  const branch = await branchOf(project, at);
  for (const ref of at.state === "active" ? [`refs/heads/${branch}`, project.hub.seen(branch)] : []) {
    const tree = await project.objects.stat(`${ref}^{tree}`);
    const text = tree && (await readFileAt(project, tree.oid, `${SESSION_DIR}/${FILE.worklog}`));
    if (text) return text;
  }
  return readFileAt(project, at.tree, FILE.worklog);
}

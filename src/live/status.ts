import { type PredictedConflict, predictedConflicts } from "../coordination/predicted.ts";
import { type Overview, overview } from "../coordination/overview.ts";
import { type FileConflict, openFileConflicts, placeOf } from "../coordination/save/file-conflict.ts";
import { type FailedVerification, failedVerifications } from "../coordination/verification.ts";
import { ledgerAge, type LedgerAge } from "../ledger/fetched.ts";
import { fetchHub, withTurn } from "../ledger/publish.ts";
import { rowsOf, type SessionRow } from "../ledger/rows.ts";
import { type LedgerTip, tryReadTip } from "../ledger/tip.ts";
import type { Project } from "../project.ts";
import { operand, optionOf, shellWord } from "../shell-word.ts";
import { type Conflict, openConflicts } from "../shared-context/conflict.ts";
import type { Store } from "../store/store.ts";

/** Something that will not go on without a person or another agent. */
export interface Need {
  readonly kind:
    | "context.conflict"
    | "file.conflict"
    | "session.unverified"
    | "agent.suspect"
    | "task.blocked"
    | "session.damaged"
    | "inbox.unread";
  readonly subject: string;
  readonly text: string;
  /** The next command. */
  readonly next: string;
}

export interface StatusResult extends Overview {
  readonly hub: { readonly name: string; readonly kind: "remote" | "local" };
  readonly store: { readonly engine: string; readonly place: string };
  readonly sessions: readonly SessionRow[];
  /** What is not resolved in the shared context. */
  readonly conflicts: readonly Conflict[];
  /** Saves that were refused, and are not decided. */
  readonly fileConflicts: readonly FileConflict[];
  /** Files in which active sessions would conflict, as `conflicts` saw it last: nothing is compared for this. */
  readonly predicted: readonly PredictedConflict[];
  /** Sessions whose verification failed, and has not passed since. */
  readonly unverified: readonly FailedVerification[];
  readonly needsYou: readonly Need[];
  /** Null before `init`. */
  readonly ledger: LedgerAge | null;
}

/** One screen: what needs somebody first of all, then sessions and who works them, agents, locks, tasks. */
export async function status(project: Project, input: { readonly fetch?: boolean } = {}): Promise<StatusResult> {
  if (input.fetch) await withTurn(project, () => fetchHub(project));
  // While git reads the ledger.
  const [{ tip, sessions }, { live, store, open }] = await Promise.all([ledgerOf(project), liveOf(project)]);
  // One that has ended in the meantime conflicts with nobody.
  const active = new Set(sessions.filter(({ state }) => state === "active").map(({ id }) => id));
  const predicted = open.predicted.filter(({ a, b }) => active.has(a) && (b === null || active.has(b)));
  return {
    hub: { name: project.hub.name, kind: project.hub.kind },
    store: { engine: store.engine.name, place: store.place },
    sessions,
    ...live,
    ...open,
    predicted,
    needsYou: needs(sessions, live, open),
    ledger: tip ? await ledgerAge(project, tip.commit) : null,
  };
}

async function ledgerOf(project: Project): Promise<{ tip: LedgerTip | null; sessions: readonly SessionRow[] }> {
  const tip = await tryReadTip(project);
  const states = ["active", "planned", "drafting"] as const;
  return { tip, sessions: tip ? (await Promise.all(states.map((state) => rowsOf(project, tip, state)))).flat() : [] };
}

/** What waits for somebody's decision. */
type Open = Pick<StatusResult, "conflicts" | "fileConflicts" | "predicted" | "unverified">;

async function liveOf(project: Project): Promise<{ live: Overview; store: Store; open: Open }> {
  const live = await overview(project);
  const store = await project.store.open();
  const open = await store.read(async (tx) => ({
    conflicts: await openConflicts(tx),
    fileConflicts: await openFileConflicts(tx),
    predicted: await predictedConflicts(tx),
    unverified: await failedVerifications(tx),
  }));
  return { live, store, open };
}

function needs(
  sessions: readonly SessionRow[],
  live: Overview,
  { conflicts, fileConflicts, unverified }: Open,
): Need[] {
  const found: Need[] = [];
  for (const { path, oursBy, theirsBy } of conflicts)
    found.push({
      kind: "context.conflict",
      subject: path,
      text: `${oursBy ?? "somebody"} and ${theirsBy} wrote different values at ${path || "the top"}`,
      next: `berth shared resolve ${operand(path, "--take theirs")}`,
    });
  for (const conflict of fileConflicts)
    found.push({
      kind: "file.conflict",
      subject: conflict.path,
      text: `${conflict.oursBy ?? "somebody"} and ${conflict.theirsBy} changed ${placeOf(conflict)}`,
      next: `git show ${conflict.kept}`,
    });
  for (const { session, command, exitCode, log } of unverified)
    found.push({
      kind: "session.unverified",
      subject: session,
      text: `${session} did not pass its verification (exit ${exitCode}): ${command.split("\n")[0] ?? ""}`,
      next: `less ${shellWord(log)}`,
    });
  for (const { id, problem } of sessions)
    if (problem !== null)
      found.push({ kind: "session.damaged", subject: id, text: problem, next: `berth show ${operand(id)}` });
  for (const { id, state, session, evidence } of live.agents)
    if (state === "suspect" || state === "unknown")
      found.push({
        kind: "agent.suspect",
        subject: id,
        text: `${id} is ${state}: ${evidence.join("; ")}`,
        next: session === null ? `berth agent leave ${optionOf("--id", id)}` : `berth recover ${operand(session)}`,
      });
  for (const { id, status: state, title, note } of live.tasks)
    if (state === "blocked")
      found.push({
        kind: "task.blocked",
        subject: id,
        text: `${title}${note === null ? "" : `: ${note}`}`,
        next: `berth task hand ${operand(id, "--to AGENT")}`,
      });
  if (live.unread > 0)
    found.push({ kind: "inbox.unread", subject: "inbox", text: `${live.unread} unread`, next: "berth inbox" });
  return found;
}

import { BerthError, messageOf } from "../errors.ts";
import { beginPrediction, type Predicted, tellPredicted } from "../coordination/predicted.ts";
import type { Oid } from "../git/names.ts";
import { resolveCommit } from "../git/refs.ts";
import { type LedgerAge, ledgerAge } from "../ledger/fetched.ts";
import { sessionBranch } from "../ledger/layout.ts";
import { fetchHub, withTurn } from "../ledger/publish.ts";
import { rowsOf, type SessionRow } from "../ledger/rows.ts";
import { type LedgerTip, readTip } from "../ledger/tip.ts";
import { baseRef, type Project } from "../project.ts";
import type { ConflictFile, SideLines } from "./conflict-file.ts";
import { type Look, look } from "./look.ts";
import type { SeenIn } from "./side.ts";

export interface ConflictsInput {
  /** Only pairs with one of these sessions; without any all of them. */
  readonly ids?: readonly string[];
  /** Only each session against the base branch. */
  readonly base?: boolean;
  readonly fetch?: boolean;
}

/** An active session, with how much of its work was seen. */
export interface ComparedSession {
  readonly id: string;
  readonly agent: string | null;
  readonly seen: SeenIn;
  /** How many files of its workspace are not committed. */
  readonly uncommitted: number;
  readonly notes: readonly string[];
}

/** Two sessions whose work conflicts as it is now, or one that conflicts with the base branch. */
export interface ConflictingPair {
  readonly a: string;
  /** Another session, or the name of the base branch. */
  readonly b: string;
  readonly against: "session" | "base";
  readonly agents: { readonly a: string | null; readonly b: string | null };
  readonly files: readonly string[];
  /** How many places in them both changed. */
  readonly hunks: number;
  readonly conflicts: readonly ConflictFile[];
}

export interface ConflictsResult {
  readonly base: { readonly name: string; readonly commit: Oid | null };
  readonly sessions: readonly ComparedSession[];
  /** Those that conflict; all others that were compared merge. */
  readonly pairs: readonly ConflictingPair[];
  /** Pairs that could not be compared. */
  readonly unknown: readonly { readonly a: string; readonly b: string; readonly why: string }[];
  /** How many pairs were compared, and how many of them had to be merged now. */
  readonly compared: { readonly pairs: number; readonly merged: number };
  readonly ledger: LedgerAge;
  readonly warnings: readonly string[];
}

/**
 * Which active sessions would conflict if they landed as they are, uncommitted work included: every pair of them, and
 * each with the base branch. New conflicts are told to both agents, once.
 * @throws BerthError NOT_FOUND for a session that is not active
 */
export async function conflicts(project: Project, input: ConflictsInput = {}): Promise<ConflictsResult> {
  const beginning = beginPrediction(project);
  if (input.fetch) await fetchWork(project);
  const tip = await readTip(project);
  const rows = (await rowsOf(project, tip, "active")).filter(({ problem }) => problem === null);
  const ids = input.ids ?? [];
  requireActive(rows, ids);
  const base = await resolveCommit(project.objects, baseRef(project));
  const found = await look(project, { rows, base, ids, baseOnly: input.base === true });
  const result = await resultOf(project, tip, base, found);
  const warnings = await tell(project, predictionOf(result, found, (await beginning) ?? 0));
  return { ...result, warnings };
}

/** Best effort: what was found is the answer, whether anybody can be told of it or not. */
async function tell(project: Project, found: Predicted): Promise<string[]> {
  try {
    await tellPredicted(project, found);
    return [];
  } catch (error) {
    return [`The agents were not told: ${messageOf(error)}`];
  }
}

/** The hub's base and ledger, and the branches of all active sessions. */
async function fetchWork(project: Project): Promise<void> {
  await withTurn(project, () => fetchHub(project));
  const rows = await rowsOf(project, await readTip(project), "active");
  const branches = rows.map(({ id, branch }) => branch ?? sessionBranch(id));
  if (branches.length > 0) await withTurn(project, () => fetchHub(project, branches));
}

function requireActive(rows: readonly SessionRow[], ids: readonly string[]): void {
  const unknown = ids.find((id) => !rows.some((row) => row.id === id));
  if (unknown === undefined) return;
  throw new BerthError("NOT_FOUND", `${unknown} is no active session.`, {
    hint: "See which are with: berth list --state active --fetch",
    facts: { session: unknown },
  });
}

async function resultOf(
  project: Project,
  tip: LedgerTip,
  base: Oid | null,
  { sides, pairs, merged }: Look,
): Promise<Omit<ConflictsResult, "warnings">> {
  const name = project.config.base;
  const nameOf = (at: number | null): string => (at === null ? name : (sides[at]?.id ?? ""));
  const agentOf = (at: number | null): string | null => (at === null ? null : (sides[at]?.agent ?? null));
  const bad = pairs.filter(({ files }) => files.length > 0);
  return {
    base: { name, commit: base },
    sessions: sides.map(({ id, agent, seen, uncommitted, notes }) => ({ id, agent, seen, uncommitted, notes })),
    pairs: bad.map(({ a, b, files }) => ({
      a: nameOf(a),
      b: nameOf(b),
      against: b === null ? "base" : "session",
      agents: { a: agentOf(a), b: agentOf(b) },
      files: files.map(({ path }) => path),
      hunks: files.reduce((sum, { hunks }) => sum + hunks.length, 0),
      conflicts: files,
    })),
    unknown: pairs.flatMap(({ a, b, failed }) =>
      failed === null ? [] : [{ a: nameOf(a), b: nameOf(b), why: failed }],
    ),
    compared: { pairs: pairs.length, merged },
    ledger: await ledgerAge(project, tip.commit),
  };
}

/** What others are to know of a look. */
function predictionOf(result: Omit<ConflictsResult, "warnings">, { sides, pairs }: Look, asOf: number): Predicted {
  const here = new Set(sides.filter(({ seen }) => seen === "workspace").map(({ id }) => id));
  const idOf = (at: number | null): string | null => (at === null ? null : (sides[at]?.id ?? null));
  return {
    asOf,
    active: new Set(sides.map(({ id }) => id)),
    here,
    compared: pairs.flatMap(({ a, b, failed }) => (failed === null ? [{ a: idOf(a) ?? "", b: idOf(b) }] : [])),
    base: result.base.name,
    conflicts: result.pairs.flatMap(({ a, b, against, agents, conflicts: files }) =>
      files.map(({ path, kind, hunks }) => ({
        a,
        b: against === "base" ? null : b,
        agents,
        path,
        kind,
        hunks: hunks.map((hunk) => ({ function: hunk.function, a: rangeOf(hunk.a), b: rangeOf(hunk.b) })),
      })),
    ),
  };
}

function rangeOf({ from, to }: SideLines): { readonly from: number; readonly to: number } {
  return { from, to };
}

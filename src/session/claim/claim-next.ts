import { BerthError } from "../../errors.ts";
import type { State } from "../../ledger/layout.ts";
import { withIntent } from "../../ledger/intent.ts";
import { fetchHub, withTurn } from "../../ledger/publish.ts";
import { rowsOf, type SessionRow } from "../../ledger/rows.ts";
import { findFolder, type LedgerTip, readLock, readTip } from "../../ledger/tip.ts";
import type { Project } from "../../project.ts";
import { type ClaimInput, type ClaimResult, kindOf, orLate, resume, win } from "./win-claim.ts";

const PRIORITIES = ["now", "next", "future"];

/**
 * Claims the best planned session that fits: its capabilities are among the caller's, its dependencies are completed;
 * by priority, then the oldest. The choice is made on the very tip that the claim is pushed onto, so a lost race takes
 * the next best by itself.
 * @param input.waitMs how long to watch for one; 0 or absent: not at all
 * @throws BerthError NOTHING_FITS, or TIMED_OUT after waiting
 */
export async function claimNext(project: Project, input: ClaimInput): Promise<ClaimResult> {
  return withIntent(project, "next", async () => {
    const again = await resume(project, null, "next");
    if (again) return again;
    // By a clock that cannot be set.
    const deadline = performance.now() + (input.waitMs ?? 0);
    for (;;) {
      try {
        const pick = (tip: LedgerTip): Promise<string> => choose(project, tip, input.capabilities ?? []);
        const order = { filed: "next", choose: pick, kind: kindOf(project, input) };
        return await orLate(project, null, "next", () => win(project, order));
      } catch (error) {
        if (!(error instanceof BerthError) || error.code !== "NOTHING_FITS" || !input.waitMs) throw error;
        await watchPlanned(project, deadline, error);
      }
    }
  });
}

/** The id of the best planned session that fits. @throws BerthError NOTHING_FITS */
export async function choose(project: Project, tip: LedgerTip, capabilities: readonly string[]): Promise<string> {
  for (const row of await fitting(project, tip, capabilities))
    if ((await stateOf(project, tip, row.id)) === "planned") return row.id;
  throw new BerthError("NOTHING_FITS", "No planned session fits.", {
    hint: "See what is planned with: berth list --state planned; wait for one with: berth claim --next --wait 600",
    facts: { capabilities },
  });
}

/** The planned sessions that the caller could take, the best first. */
async function fitting(project: Project, tip: LedgerTip, capabilities: readonly string[]): Promise<SessionRow[]> {
  const taken = new Set((await readLock(project, tip)).map((l) => l.id));
  const able = new Set(capabilities);
  const fits: SessionRow[] = [];
  for (const row of await rowsOf(project, tip, "planned")) {
    if (row.problem !== null || taken.has(row.id) || !row.capabilities.every((c) => able.has(c))) continue;
    const states = await Promise.all(row.depends.map((id) => stateOf(project, tip, id)));
    if (states.every((state) => state === "completed")) fits.push(row);
  }
  return fits.sort(byPriority);
}

/** The state of a session; null for one that is nowhere, or damaged: that must not hinder the choice of others. */
async function stateOf(project: Project, tip: LedgerTip, id: string): Promise<State | null> {
  try {
    return (await findFolder(project, tip, id))?.state ?? null;
  } catch (error) {
    if (error instanceof BerthError) return null;
    throw error;
  }
}

function byPriority(a: SessionRow, b: SessionRow): number {
  const order = PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority);
  if (order !== 0) return order;
  const [x, y] = [`${a.created ?? ""} ${a.id}`, `${b.created ?? ""} ${b.id}`];
  return x < y ? -1 : 1;
}

/** Waits until the ledger moves. A remote hub is asked about once a second, a local one more often. */
async function watchPlanned(project: Project, deadline: number, nothing: BerthError): Promise<void> {
  const seen = (await readTip(project)).commit;
  for (;;) {
    if (performance.now() >= deadline) {
      throw new BerthError("TIMED_OUT", "No planned session that fits appeared in time.", {
        hint: nothing.hint ?? "",
        facts: nothing.facts,
      });
    }
    const pause = project.hub.kind === "local" ? 100 : 1000;
    await project.clock.sleep(pause * (0.75 + project.clock.random() / 2), project.signal);
    await withTurn(project, () => fetchHub(project));
    if ((await readTip(project)).commit !== seen) return;
  }
}

import { BerthError } from "../../errors.ts";
import type { LedgerChange } from "../../ledger/change.ts";
import { FILE, folder, requireTransition } from "../../ledger/layout.ts";
import { showLedger } from "../../ledger/linked-worktree.ts";
import { message } from "../../ledger/message.ts";
import { parsePlan, planProblems } from "../../ledger/plan.ts";
import { publish } from "../../ledger/publish.ts";
import { readRow, rowsOf } from "../../ledger/rows.ts";
import { sessionId } from "../../ledger/session-id.ts";
import { type LedgerTip, readFileAt, readTip, requireFolder } from "../../ledger/tip.ts";
import type { Project } from "../../project.ts";
import { cycleThrough } from "./cycle.ts";
import type { SessionResult } from "./draft.ts";
import { takeUpEdits } from "./take-up.ts";

/**
 * Moves a draft to planned, once its context and acceptance criteria are filled in. [ASP-04]
 * @throws BerthError GATE_REFUSED naming what is missing; WRONG_STATE
 */
export async function ready(
  project: Project,
  input: { readonly id: string; readonly dryRun?: boolean },
): Promise<SessionResult | { plan: LedgerChange }> {
  const id = sessionId(input.id);
  if (input.dryRun) return { plan: (await readyChange(project, await readTip(project), id)).change };
  const warnings = await takeUpEdits(project, id);
  await publish(project, (tip) => readyChange(project, tip, id));
  warnings.push(...(await showLedger(project)));
  return { session: await readRow(project, await requireFolder(project, await readTip(project), id)), warnings };
}

/** States of sessions that may still have to be completed by others. */
const OPEN = ["drafting", "planned", "active"] as const;

async function readyChange(project: Project, tip: LedgerTip, id: string): Promise<{ change: LedgerChange }> {
  const at = await requireFolder(project, tip, id);
  requireTransition(id, at.state, "ready");
  const file = folder(at.state, id, FILE.plan);
  const text = (await readFileAt(project, at.tree, FILE.plan)) ?? "";
  const { depends } = parsePlan(text, id, file);
  const open = (await Promise.all(OPEN.map((state) => rowsOf(project, tip, state)))).flat();
  const cycle = cycleThrough(id, depends, open);
  const problems = planProblems(text, file);
  if (cycle) problems.push(`it depends on itself: ${cycle.join(" -> ")}`);
  if (problems.length > 0) {
    throw new BerthError("GATE_REFUSED", `${id} is not ready: ${problems.join("; ")}.`, {
      hint: `Fill it in with: berth edit ${id}`,
      facts: { session: id, problems },
    });
  }
  const change: LedgerChange = {
    message: message(`[${id}] Ready to be claimed`, { session: id, agent: project.caller.name }),
    moves: [{ from: folder(at.state, id), to: folder("planned", id) }],
    files: {},
    keeps: [],
  };
  return { change };
}

import { isoSeconds } from "../../clock.ts";
import { BerthError } from "../../errors.ts";
import { commitsBetween } from "../../git/history.ts";
import type { LedgerChange } from "../../ledger/change.ts";
import { FILE, folder } from "../../ledger/layout.ts";
import { showLedger } from "../../ledger/linked-worktree.ts";
import { message } from "../../ledger/message.ts";
import { parsePlan } from "../../ledger/plan.ts";
import { publish } from "../../ledger/publish.ts";
import { readRow, type SessionRow } from "../../ledger/rows.ts";
import { sessionId } from "../../ledger/session-id.ts";
import { type LedgerTip, readFileAt, readTip, requireFolder } from "../../ledger/tip.ts";
import type { Project } from "../../project.ts";
import { takeUpEdits } from "./take-up.ts";

export interface EditResult {
  readonly session: SessionRow;
  /** SESSION.md as it is now. */
  readonly text: string;
  readonly warnings: readonly string[];
}

/**
 * Replaces SESSION.md of a draft or a planned session; without `text` only reads it.
 * @param input.was the text the edit started from: when somebody else changed it meanwhile, nothing is written
 * @throws BerthError WRONG_STATE for a claimed or ended session; INVALID; MERGE_CONFLICT
 */
export async function edit(
  project: Project,
  input: {
    readonly id: string;
    readonly text?: string | undefined;
    readonly was?: string | undefined;
    readonly dryRun?: boolean;
  },
): Promise<EditResult | { plan: LedgerChange }> {
  const id = sessionId(input.id);
  const { text } = input;
  if (input.dryRun && text !== undefined)
    return { plan: (await editChange(project, await readTip(project), id, text, input.was)).change };
  const warnings = await takeUpEdits(project, id);
  if (text !== undefined) {
    const { tip } = await publish(project, (now) => editChange(project, now, id, text, input.was));
    if (input.was === undefined) warnings.push(...(await replacedBy(project, tip, id, text)));
    warnings.push(...(await showLedger(project)));
  }
  const at = await requireFolder(project, await readTip(project), id);
  return { session: await readRow(project, at), text: (await readFileAt(project, at.tree, FILE.plan)) ?? "", warnings };
}

/** Without the text that the edit started from nobody can tell what is lost with the one before: it is named. */
async function replacedBy(project: Project, tip: LedgerTip, id: string, text: string): Promise<string[]> {
  const at = await requireFolder(project, tip, id);
  const file = folder(at.state, id, FILE.plan);
  const [last, ...earlier] = await commitsBetween(project.git, [], tip.commit, { paths: [file], limit: 2 });
  if (!last || earlier.length === 0 || (await readFileAt(project, at.tree, FILE.plan)) === text) return [];
  return [
    `This replaced the text that ${last.author.name} had saved at ${isoSeconds(last.seconds * 1000)}, which is in git show ${last.oid.slice(0, 10)}:${file}`,
  ];
}

async function editChange(
  project: Project,
  tip: LedgerTip,
  id: string,
  text: string,
  was: string | undefined,
): Promise<{ change: LedgerChange }> {
  const at = await requireFolder(project, tip, id);
  if (at.state !== "drafting" && at.state !== "planned") {
    throw new BerthError("WRONG_STATE", `${id} is ${at.state}: its plan is frozen since it was claimed.`, {
      hint:
        at.state === "active"
          ? `Note changes of scope in the workspace with: berth log, berth plan, berth subsession`
          : "Draft a new session for further work.",
      facts: { session: id, state: at.state },
    });
  }
  const file = folder(at.state, id, FILE.plan);
  const now = await readFileAt(project, at.tree, FILE.plan);
  if (was !== undefined && now !== was) {
    throw new BerthError("MERGE_CONFLICT", `${file} was changed by somebody else while it was edited.`, {
      hint: `Your text was not saved in the ledger; edit again with: berth edit ${id}`,
      facts: { session: id },
    });
  }
  parsePlan(text, id, file);
  const change: LedgerChange = {
    message: message(`[${id}] Edit the plan`, { session: id, agent: project.caller.name }),
    moves: [],
    files: { [file]: text },
    keeps: [],
  };
  return { change };
}

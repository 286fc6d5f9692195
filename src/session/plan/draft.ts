import { isoSeconds } from "../../clock.ts";
import { BerthError } from "../../errors.ts";
import type { LedgerChange } from "../../ledger/change.ts";
import { FILE, folder } from "../../ledger/layout.ts";
import { showLedger } from "../../ledger/linked-worktree.ts";
import { message, oneLine } from "../../ledger/message.ts";
import type { Priority } from "../../ledger/plan.ts";
import { parsePlan } from "../../ledger/plan.ts";
import { publish } from "../../ledger/publish.ts";
import { readRow, type SessionRow } from "../../ledger/rows.ts";
import { sessionId, slugOf } from "../../ledger/session-id.ts";
import { ensureFrontMatter } from "../../ledger/template.ts";
import { findFolder, type LedgerTip, readTip, requireFolder } from "../../ledger/tip.ts";
import type { Project } from "../../project.ts";
import { takeUpEdits } from "./take-up.ts";
import { renderAnyTemplate } from "./templates.ts";

export interface DraftInput {
  readonly title: string;
  readonly id?: string | undefined;
  readonly context?: string | undefined;
  readonly problem?: string | undefined;
  readonly criteria?: readonly string[];
  readonly capabilities?: readonly string[];
  readonly priority?: Priority | undefined;
  readonly depends?: readonly string[];
  readonly paths?: readonly string[];
  readonly parent?: string | undefined;
  readonly risks?: readonly string[];
  readonly edgeCases?: readonly string[];
  readonly subsessions?: readonly string[];
  readonly notes?: readonly string[];
  readonly dryRun?: boolean;
}

export interface SessionResult {
  readonly session: SessionRow;
  readonly warnings: readonly string[];
}

/** Writes a new draft into the ledger. @throws BerthError INVALID for an id that is malformed or taken */
export async function draft(project: Project, input: DraftInput): Promise<SessionResult | { plan: LedgerChange }> {
  if (input.dryRun) {
    const tip = await readTip(project);
    return { plan: await draftChange(project, tip, await freeId(project, tip, input), input) };
  }
  const warnings = await takeUpEdits(project, null);
  let id = "";
  await publish(project, async (tip) => {
    id = await freeId(project, tip, input);
    return { change: await draftChange(project, tip, id, input) };
  });
  const shown = await showLedger(project);
  const session = await readRow(project, await requireFolder(project, await readTip(project), id));
  return { session, warnings: [...warnings, ...shown] };
}

/** The id that was asked for, or one from date and title that is free. */
export async function freeId(project: Project, tip: LedgerTip, input: DraftInput): Promise<string> {
  if (input.id !== undefined) {
    const id = sessionId(input.id);
    const there = await findFolder(project, tip, id);
    if (!there) return id;
    throw new BerthError("WRONG_STATE", `${id} exists already; it is ${there.state}.`, {
      hint: `See it with: berth show ${id}`,
      facts: { session: id, state: there.state },
    });
  }
  const stem = `${isoSeconds(project.clock.now()).slice(0, 10)}-${slugOf(input.title)}`;
  for (let n = 1; ; n++) {
    const id = sessionId(n === 1 ? stem : `${stem}-${n}`);
    if (!(await findFolder(project, tip, id))) return id;
  }
}

/** The ledger's change for a new draft; also used for subsessions. */
export async function draftChange(
  project: Project,
  tip: LedgerTip,
  id: string,
  input: DraftInput,
): Promise<LedgerChange> {
  return {
    message: message(`[${id}] Draft session`, { session: id, agent: project.caller.name }),
    moves: [],
    files: { [folder("drafting", id, FILE.plan)]: await planText(project, tip, id, input) },
    keeps: [],
  };
}

/** SESSION.md of a new session. @param input.ticket the ticket that it works */
export async function planText(
  project: Project,
  tip: LedgerTip,
  id: string,
  input: DraftInput & { readonly ticket?: string },
): Promise<string> {
  const title = oneLine(input.title);
  if (title === "")
    throw new BerthError("USAGE", "A session needs a title.", {
      hint: 'For example: berth draft "Limit login attempts"',
    });
  for (const other of [...(input.depends ?? []), ...(input.parent === undefined ? [] : [input.parent])]) {
    await requireFolder(project, tip, sessionId(other));
  }
  const plan = {
    id,
    title,
    priority: input.priority ?? "next",
    capabilities: [...(input.capabilities ?? [])],
    depends: [...(input.depends ?? [])],
    paths: [...(input.paths ?? [])],
    parent: input.parent ?? null,
    created: isoSeconds(project.clock.now()),
    ...(input.ticket === undefined ? {} : { ticket: input.ticket }),
  };
  const text = ensureFrontMatter(
    await renderAnyTemplate(project, tip, "session", { ...plan, ...templateVariables(id, input) }),
    plan,
  );
  parsePlan(text, id, folder("drafting", id, FILE.plan));
  return text;
}

/** The seed's variables. */
function templateVariables(id: string, input: DraftInput): Record<string, unknown> {
  return {
    SESSION_SLUG: id,
    CONTEXT: input.context ?? "",
    PROBLEM_STATEMENT: input.problem ?? "",
    ACCEPTANCE_CRITERIA: input.criteria ?? [],
    SUBSESSIONS: input.subsessions ?? [],
    RISKS: input.risks ?? [],
    DEPENDENCIES: input.depends ?? [],
    EDGE_CASES: input.edgeCases ?? [],
    NOTES: (input.notes ?? []).join("\n\n"),
  };
}

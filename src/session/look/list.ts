import { BerthError } from "../../errors.ts";
import { type LedgerAge, ledgerAge } from "../../ledger/fetched.ts";
import { type State, STATES } from "../../ledger/layout.ts";
import { fetchHub, withTurn } from "../../ledger/publish.ts";
import { rowsOf, type SessionRow } from "../../ledger/rows.ts";
import { readTip } from "../../ledger/tip.ts";
import type { Project } from "../../project.ts";

export interface ListResult {
  readonly sessions: readonly SessionRow[];
  readonly ledger: LedgerAge;
}

/** Sessions by state; without states the living ones (drafting, planned, active), with `all` every one. */
export async function list(
  project: Project,
  input: { readonly states?: readonly string[]; readonly all?: boolean; readonly fetch?: boolean } = {},
): Promise<ListResult> {
  const unknown = (input.states ?? []).find((s) => !STATES.some((known) => known === s));
  if (unknown !== undefined)
    throw new BerthError("USAGE", `There is no state ${JSON.stringify(unknown)}.`, {
      hint: `States are ${STATES.join(", ")}.`,
    });
  if (input.fetch) await withTurn(project, () => fetchHub(project));
  const tip = await readTip(project);
  const wanted = input.states?.length
    ? STATES.filter((s) => input.states?.includes(s))
    : input.all
      ? STATES
      : STATES.slice(0, 3);
  const rows = await Promise.all(wanted.map((state: State) => rowsOf(project, tip, state)));
  return { sessions: rows.flat(), ledger: await ledgerAge(project, tip.commit) };
}

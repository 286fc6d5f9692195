import { changedByOthers } from "../../conflicts/changed-by-others.ts";
import { BerthError } from "../../errors.ts";
import type { LedgerChange } from "../../ledger/change.ts";
import { newToken } from "../../ledger/token.ts";
import { withIntent } from "../../ledger/intent.ts";
import { sessionId } from "../../ledger/session-id.ts";
import { readTip } from "../../ledger/tip.ts";
import type { Project } from "../../project.ts";
import { sessionHere } from "../../workspace/find.ts";
import { choose, claimNext } from "./claim-next.ts";
import { type ClaimInput, type ClaimResult, kindOf, orLate, planOf, resume, win } from "./win-claim.ts";

/** What a claim would do, for `--dry-run`. */
export interface ClaimPreview {
  readonly plan: LedgerChange;
  readonly warnings: readonly string[];
}

/**
 * Claims a session: one fast-forward push of one ledger commit, then its workspace. Idempotent for the holder alone,
 * who is known by the workspace he stands in or by the intent a killed run left.
 * @throws BerthError CLAIM_LOST with the winner; WRONG_STATE, NOT_FOUND, NOTHING_FITS, GATE_REFUSED, NO_BASE
 */
export async function claim(project: Project, input: ClaimInput): Promise<ClaimResult | ClaimPreview> {
  if (input.next && input.id !== undefined) {
    throw new BerthError("USAGE", "Name a session or say --next, not both.", {
      hint: "berth claim ID, or berth claim --next",
    });
  }
  if (input.dryRun) return preview(project, input);
  if (input.next) return claimNext(project, input);
  const id = sessionId(await sessionHere(project, input.id));
  return withIntent(project, id, async () => {
    const again = await resume(project, id, id, kindOf(project, input));
    if (again) return again;
    const order = { filed: id, choose: () => Promise.resolve(id), kind: kindOf(project, input) };
    return orLate(project, id, id, () => win(project, order));
  });
}

async function preview(project: Project, input: ClaimInput): Promise<ClaimPreview> {
  const tip = await readTip(project);
  const id = input.next
    ? await choose(project, tip, input.capabilities ?? [])
    : sessionId(await sessionHere(project, input.id));
  const { change, warnings } = await planOf(project, tip, id, newToken());
  return { plan: change, warnings: [...warnings, ...(await changedByOthers(project, id))] };
}

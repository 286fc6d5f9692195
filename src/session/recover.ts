import { BerthError } from "../errors.ts";
import { sessionId } from "../ledger/session-id.ts";
import type { Project } from "../project.ts";
import type { ClaimResult } from "./claim/win-claim.ts";
import { type HolderState, holders } from "./take-over/holders.ts";
import { planTakeOver, takeOver, type TakeOverPlan } from "./take-over/take-over.ts";

/** Shows which holders are gone, or takes a session over from one. */
export async function recover(
  project: Project,
  input: {
    readonly id?: string | undefined;
    readonly takeOver?: boolean;
    readonly force?: boolean;
    readonly dryRun?: boolean;
  },
): Promise<{ sessions: readonly HolderState[] } | { plan: TakeOverPlan } | ClaimResult> {
  if (!input.takeOver) return holders(project, input.id);
  if (input.id !== undefined) {
    const wanted = { id: sessionId(input.id), force: input.force ?? false };
    return input.dryRun ? { plan: await planTakeOver(project, wanted) } : takeOver(project, wanted);
  }
  throw new BerthError("USAGE", "Which session is to be taken over?", { hint: "See them with: berth recover" });
}

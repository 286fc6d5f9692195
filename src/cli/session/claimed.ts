import type { Berth } from "../../open.ts";
import type { Result } from "../command.ts";
import { shellWord } from "../../shell-word.ts";
import { report, warningNotes } from "../report.ts";
import { plain, shortCommit } from "../text.ts";

type Claimed = Exclude<Awaited<ReturnType<Berth["claim"]>>, { readonly plan: unknown }>;

/** What a won claim answers, and a take-over: who holds what, where, and how to begin. */
export function claimedResult(word: string, claimed: Claimed): Result {
  const { session, claim, workspace } = claimed;
  return {
    data: claimed,
    text: (page) =>
      report(page, {
        headline: `${word} ${page.style("bold", session.id)} as ${page.style("bold", plain(claim.holder))}: ${plain(session.title)}`,
        facts: [
          ["epoch", `${claim.epoch} (ledger ${shortCommit(claim.commit)})`],
          ["workspace", workspace ? `${workspace.path} (${workspace.kind})` : "none, as asked"],
          ["branch", workspace?.branch],
        ],
        next: workspace
          ? [
              [`cd ${shellWord(workspace.path)}`, "the workspace"],
              ["source .session/.session-env", "commit as this session's agent"],
              // Somebody was at it before.
              ...(claim.epoch > 1 ? [["berth context handoff", "what the one before left"] as const] : []),
              ["berth complete", "when the criteria are met"],
            ]
          : [[`berth show ${session.id}`, "read the plan"]],
      }),
    brief: workspace?.path ?? session.id,
    notes: warningNotes(claimed.warnings),
  };
}

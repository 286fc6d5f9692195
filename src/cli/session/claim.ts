import { isBerthError } from "../../errors.ts";
import type { Berth } from "../../open.ts";
import { type Command, defineCommand } from "../command.ts";
import { dryRunResult } from "../report.ts";
import { usageError } from "../usage-error.ts";
import { claimedResult } from "./claimed.ts";

export const command: Command = defineCommand({
  arguments: {
    id: {
      summary: "The session's id; or --next for the best one that fits",
      completes: { kind: "sessions", states: ["planned"] },
    },
  },
  options: {
    next: { type: "flag", summary: "Take the planned session that fits best: by priority, then the oldest" },
    wait: { type: "seconds", summary: "With --next: how long to wait for one to appear" },
    capability: { type: "text", value: "C", summary: "With --next: something you can do", repeatable: true },
    workspace: {
      type: "text",
      choices: ["worktree", "clone"],
      summary: "The kind of workspace, instead of the configured one",
    },
    noWorkspace: { type: "flag", summary: "Claim only; make no workspace" },
  },
  writes: true,
  details: [
    "A claim is one atomic push: of any number of agents on any number of machines exactly one wins, and the others are " +
      "told who it was (exit 4). Running it again as the holder finishes what a killed run began.",
  ],
  examples: [
    { says: "one that you chose", line: "berth claim 2026-11-21-limit-logins" },
    {
      says: "the next one that fits, waiting up to ten minutes",
      line: "berth claim --next --wait 600 --capability typescript",
    },
  ],
  run: async ({ args, options, dryRun, open }) => {
    const { capability, wait, ...rest } = options;
    if (!options.next && (wait !== undefined || capability.length > 0)) {
      throw usageError("--wait and --capability go with --next.", "For example: berth claim --next --wait 600");
    }
    const berth = await open();
    if (args.id === undefined && !options.next) await requireSessionHere(berth);
    const claimed = await berth.claim({ ...args, ...rest, capabilities: capability, waitMs: wait, dryRun });
    return "plan" in claimed ? dryRunResult(claimed) : claimedResult("Claimed", claimed);
  },
});

/** Inside a workspace a claim can be finished without naming it; elsewhere it must be said which one is meant. */
async function requireSessionHere(berth: Berth): Promise<void> {
  try {
    await berth.path({});
  } catch (error) {
    // Whatever else is wrong, the claim itself says better.
    if (!isBerthError(error) || error.code !== "USAGE") return;
    throw usageError(
      "berth claim needs a session.",
      "Name one of berth list --state planned, or take the best: berth claim --next",
    );
  }
}

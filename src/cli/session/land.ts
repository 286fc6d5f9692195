import { type Command, defineCommand } from "../command.ts";
import { dryRunResult, report, warningNotes } from "../report.ts";
import { shortCommit } from "../text.ts";
import { MESSAGE_OPTION, sessionHere, VERIFY_OPTION } from "./arguments.ts";

export const command: Command = defineCommand({
  arguments: { id: sessionHere(["active"]) },
  options: { message: MESSAGE_OPTION, verify: VERIFY_OPTION },
  writes: true,
  details: [
    "One squash commit, checked by the gates and by the verify command on exactly the tree that lands, is published on " +
      "the base branch. The session stays active; end it with `berth complete`.",
  ],
  examples: [
    { says: "put a finished part on the base branch", line: 'berth land --message "Count attempts per address"' },
    { says: "see what would land", line: "berth land --dry-run" },
  ],
  run: async ({ args, options, dryRun, open }) => {
    const berth = await open();
    const done = await berth.land({ id: args.id, ...options, dryRun });
    if ("plan" in done) return dryRunResult(done);
    const { session, landed } = done;
    return {
      data: done,
      text: (page) =>
        landed === null
          ? `The base branch holds all of ${page.style("bold", session.id)} already; nothing was to land.`
          : report(page, {
              headline: `Landed ${page.style("bold", session.id)} on ${landed.base} as ${page.style("bold", shortCommit(landed.commit))}`,
              next: [["berth complete", "when the criteria are met"]],
            }),
      brief: landed?.commit ?? "",
      notes: warningNotes(done.warnings),
    };
  },
});

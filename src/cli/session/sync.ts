import { type Command, defineCommand } from "../command.ts";
import { dryRunResult, report, warningNotes } from "../report.ts";
import { shortCommit } from "../text.ts";
import { MESSAGE_OPTION, sessionHere, VERIFY_OPTION } from "./arguments.ts";

export const command: Command = defineCommand({
  arguments: { id: sessionHere(["active"]) },
  options: {
    message: {
      ...MESSAGE_OPTION,
      summary: "Subject of the merge commit, as [ID] type: what was done",
    },
    verify: {
      ...VERIFY_OPTION,
      summary: "Shell command that must pass on the merged tree before the workspace moves to it",
    },
  },
  writes: true,
  details: [
    "A conflict (exit 4) is left in the workspace as an ordinary merge under way: resolve the files, git add them, git commit.",
  ],
  examples: [{ says: "in a workspace, before a long stretch of work", line: "berth sync" }],
  run: async ({ args, options, dryRun, open }) => {
    const berth = await open();
    const synced = await berth.sync({ id: args.id, ...options, dryRun });
    if ("plan" in synced) return dryRunResult(synced);
    const { session, merged } = synced;
    const base = shortCommit(merged.base);
    return {
      data: synced,
      text: (page) =>
        merged.changed
          ? report(page, {
              headline: `Merged the base branch into ${page.style("bold", session.id)}`,
              facts: [
                ["base", base],
                ["commit", shortCommit(merged.commit)],
              ],
            })
          : `${page.style("bold", session.id)} holds all of the base branch (${base}) already.`,
      brief: merged.commit,
      notes: warningNotes(synced.warnings),
    };
  },
});

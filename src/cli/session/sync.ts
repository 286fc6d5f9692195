import { type Command, defineCommand } from "../command.ts";
import { dryRunResult, report, warningNotes } from "../report.ts";
import { shortCommit } from "../text.ts";
import { sessionHere } from "./arguments.ts";

export const command: Command = defineCommand({
  arguments: { id: sessionHere(["active"]) },
  writes: true,
  details: [
    "A conflict (exit 4) is left in the workspace as an ordinary merge under way: resolve the files, git add them, git commit.",
  ],
  examples: [{ says: "in a workspace, before a long stretch of work", line: "berth sync" }],
  run: async ({ args, dryRun, open }) => {
    const berth = await open();
    const synced = await berth.sync({ id: args.id, dryRun });
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

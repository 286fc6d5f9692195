import { type Command, defineCommand } from "../command.ts";
import { dryRunResult, report } from "../report.ts";
import { CHECKPOINT_ARGUMENT } from "./arguments.ts";

export const command: Command = defineCommand({
  arguments: { ref: CHECKPOINT_ARGUMENT },
  options: {
    to: {
      type: "text",
      value: "DIR",
      summary: "Into a new folder, a work tree without a branch",
      completes: { kind: "folders" },
    },
    leaveOut: { type: "flag", summary: "With --to: without the repositories inside that no checkpoint holds" },
  },
  writes: true,
  details: [
    "Without --to the session's workspace becomes exactly what it was: files, index, what was under way, and the branch, if nobody has its later commits yet. What is there now is kept in a checkpoint first. Ignored files stay, and where one is in the way nothing is changed.",
  ],
  examples: [
    { says: "see what would change", line: "berth checkpoint restore 20261121T093000Z-1f2e3d4c --dry-run" },
    { says: "look at it beside the work", line: "berth checkpoint restore 20261121T093000Z-1f2e3d4c --to ../then" },
  ],
  run: async ({ args, options, dryRun, open }) => {
    const berth = await open();
    const done = await berth.checkpointRestore({ ref: args.ref, to: options.to, leaveOut: options.leaveOut, dryRun });
    if ("plan" in done) return dryRunResult(done);
    const { dir, writes, removes, before, leftOut } = done.restored;
    return {
      data: done,
      text: (page) =>
        report(page, {
          headline: `Restored ${page.style("bold", dir)}: ${writes.length} files written, ${removes.length} removed`,
          facts: [
            ["before", before?.ref],
            ["left out", leftOut.join(", ")],
          ],
          ...(before ? { next: [[`berth checkpoint restore ${before.ref}`, "take it back"]] } : {}),
        }),
      brief: dir,
    };
  },
});

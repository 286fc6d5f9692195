import { type Command, defineCommand } from "../command.ts";
import { dryRunResult, report, warningNotes } from "../report.ts";
import { sessionHere } from "../session/arguments.ts";
import { shortCommit } from "../text.ts";

export const command: Command = defineCommand({
  arguments: { id: sessionHere(["active"]) },
  options: {
    message: { type: "text", value: "M", summary: "What it is kept for", prose: true },
  },
  writes: true,
  details: [
    "It holds the workspace to the byte: changed, staged and untracked files that are not ignored, the index with every side of a conflict, what is under way (a merge, a rebase), the branch's tip and the session state. The workspace is not touched. Repositories inside it are named and not kept.",
    "Its commits are pushed, as `log` does. The checkpoint stays on this machine; where push.checkpoints is set it goes to the hub without the files that look like secrets, which are named.",
  ],
  examples: [
    { says: "before something bold", line: 'berth checkpoint --message "Before the big rename"' },
    { says: "of a session elsewhere in the repository", line: "berth checkpoint 2026-11-21-limit-logins" },
  ],
  run: async ({ args, options, dryRun, open }) => {
    const berth = await open();
    const taken = await berth.checkpoint({ id: args.id, message: options.message, dryRun });
    if ("plan" in taken) return dryRunResult(taken);
    const { ref, commit, files } = taken.checkpoint;
    return {
      data: taken,
      text: (page) =>
        report(page, {
          headline: `Kept ${files === 1 ? "1 file" : `${files} files`} beyond the last commit`,
          facts: [
            ["checkpoint", ref],
            ["commit", shortCommit(commit)],
          ],
          next: [[`berth checkpoint restore ${ref}`, "bring it back"]],
        }),
      brief: ref,
      notes: warningNotes(taken.warnings),
    };
  },
});

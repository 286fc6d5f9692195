import { type Command, defineCommand } from "../command.ts";
import { report } from "../report.ts";
import { plain, shortCommit } from "../text.ts";
import { CHECKPOINT_ARGUMENT } from "./arguments.ts";

export const command: Command = defineCommand({
  arguments: { ref: CHECKPOINT_ARGUMENT },
  details: [
    "With --json all that it says of itself. Its files are those of its commit, as git shows them: git show REF:PATH, git diff REF.",
  ],
  examples: [{ says: "what is in it", line: "berth checkpoint show 20261121T093000Z-1f2e3d4c" }],
  run: async ({ args, open }) => {
    const berth = await open();
    const shown = await berth.checkpointShow({ ref: args.ref });
    const { checkpoint } = shown;
    const list = (paths: readonly string[]): string | null =>
      paths.length === 0 ? null : paths.map((path) => plain(path)).join(", ");
    return {
      data: shown,
      text: (page) =>
        report(page, {
          headline: `${page.style("bold", checkpoint.session)}: ${plain(checkpoint.message)}`,
          facts: [
            ["checkpoint", checkpoint.ref],
            ["taken", `${checkpoint.at} by ${checkpoint.agent}`],
            ["on", `${checkpoint.branch ?? "no branch"} at ${shortCommit(checkpoint.head)}`],
            ["files", list(checkpoint.files.map(({ path }) => path))],
            ["missing", list(checkpoint.gone)],
            ["empty folders", list(checkpoint.folders)],
            ["under way", list(checkpoint.operation.map(({ path }) => path))],
            ["left out", list(checkpoint.nested.filter(({ present }) => present).map(({ path }) => path))],
          ],
        }),
      brief: checkpoint.commit,
    };
  },
});

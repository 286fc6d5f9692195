import { operand } from "../../shell-word.ts";
import { type Command, defineCommand } from "../command.ts";
import { dryRunResult, report } from "../report.ts";
import { plain, shortCommit } from "../text.ts";
import { TICKET } from "./shown.ts";

export const command: Command = defineCommand({
  options: TICKET,
  writes: true,
  details: [
    "A context with the markers of a merge conflict is merged by key, item and line; what both sides changed stays as this side has it, and is told, with exit code 4. Any other damage, a file that is empty, cut off or gone, is mended with the newest whole version of the index or the history. What stood there is kept in git under the name that is told. Where nothing is damaged, nothing is done.",
  ],
  examples: [
    { says: "after a merge, or a crash", line: "berth context repair" },
    { says: "see first", line: "berth context repair --dry-run" },
  ],
  run: async ({ options, dryRun, open }) => {
    const repaired = await (await open()).contextRepair({ ticket: options.ticket, dryRun });
    if (dryRun) return dryRunResult({ plan: repaired });
    const { path, problem, from, kept, conflicts } = repaired;
    return {
      data: repaired,
      text: (page) =>
        problem === null
          ? `${plain(path)} is whole.`
          : report(page, {
              headline: page.style("green", `Brought ${plain(path)} back.`),
              facts: [
                ["was", problem],
                [
                  "from",
                  from === "merge"
                    ? "both sides of the conflict"
                    : from === "index"
                      ? "the index"
                      : shortCommit(from ?? ""),
                ],
                ["kept", kept === null ? null : `git show ${kept}`],
                ...conflicts.map(({ key, ours, theirs }) => ["to decide", decision(key, ours, theirs)] as const),
              ],
              next: [
                ["berth context show", "what stands there now"],
                ...(from === "merge" ? [[`git add ${operand(path)}`, "if it is as it should be"] as const] : []),
              ],
            }),
      brief: path,
      exitCode: conflicts.length === 0 ? 0 : 4,
    };
  },
});

function decision(key: string, ours: unknown, theirs: unknown): string {
  const shown = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value));
  return `${key === "" ? "the text" : key}: ${shown(ours)} stands, the other side has ${shown(theirs)}`;
}

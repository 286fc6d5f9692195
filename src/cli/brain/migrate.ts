import { type Command, defineCommand } from "../command.ts";
import { dryRunResult, report, warningNotes } from "../report.ts";

export const command: Command = defineCommand({
  writes: true,
  details: [
    "The session that the pointer names becomes the state, or else the newest one; its agents' records move to their new places. Everything of before is archived in one note, read back, and only then removed. Killed anywhere it goes on when it is run again.",
  ],
  examples: [
    { says: "what would be done", line: "berth brain migrate --dry-run" },
    { says: "do it, or finish it", line: "berth brain migrate" },
  ],
  run: async ({ dryRun, open }) => {
    const berth = await open();
    if (dryRun) {
      const { winner, writes, removes, warnings } = (await berth.brainMigratePlan()).plan;
      const plan = {
        winner,
        writes: writes.map(({ path, from }) => ({ path, from })),
        archives: removes.map(({ path }) => path),
      };
      return removes.length > 0
        ? dryRunResult({ plan, warnings })
        : { data: { plan, warnings }, text: () => "There is nothing of before." };
    }
    const done = (await berth.brainMigrate()).report;
    const { winner, written, removed, folders, archive, project, place } = done;
    const nothing = removed.length === 0 && written.length === 0 && archive === null;
    return {
      data: { report: done },
      text: (page) =>
        report(page, {
          headline: nothing ? "There is nothing of before." : "The sessions of before are one state.",
          facts: [
            ["project", project],
            ["notes", place],
            [
              "winner",
              winner && `${winner.id} (${winner.because === "pointer" ? "the pointer names it" : "the newest"})`,
            ],
            ["written", written.join(", ")],
            ["removed", removed.length === 0 ? null : `${removed.length} notes`],
            ["folders", folders.join(", ")],
            ["archive", archive],
          ],
          next: nothing ? [] : [["berth state get", "what it is now"]],
        }),
      brief: winner?.id ?? "",
      notes: warningNotes(done.warnings),
    };
  },
});

import { existsSync } from "node:fs";
import { type Command, defineCommand } from "../command.ts";
import { shellWord } from "../../shell-word.ts";
import { dryRunResult, nextLines, report, type Steps, warningNotes } from "../report.ts";
import { plain, shortCommit } from "../text.ts";
import { usageError } from "../usage-error.ts";
import { MESSAGE_OPTION, sessionHere, VERIFY_OPTION } from "./arguments.ts";
import { keptLines } from "./ended.ts";

export const command: Command = defineCommand({
  arguments: { id: sessionHere(["active"]) },
  options: {
    commit: { type: "flag", summary: "Commit what is uncommitted first" },
    message: MESSAGE_OPTION,
    verify: VERIFY_OPTION,
    tick: {
      type: "text",
      value: "N|all",
      summary: "Acceptance criteria that are met, counted from 1",
      repeatable: true,
    },
    notes: { type: "text", value: "T", summary: "Final notes for SESSION.md", prose: true },
    keepWorkspace: { type: "flag", summary: "Leave the workspace where it is" },
  },
  writes: true,
  details: [
    "The work lands as one squash commit and the session ends, in one atomic publication; then the branch and the workspace " +
      "are removed, if nothing in them would be lost. A merge conflict, a gate or a failing verify command changes nothing, " +
      "and the session stays active. Running it again after a kill finishes what was begun.",
  ],
  examples: [
    { says: "in a workspace, everything met", line: "berth complete --tick all" },
    {
      says: "commit the rest, tick two, and check with one more command",
      line: 'berth complete --commit --message "Limit attempts" --tick 1 --tick 2 --verify "npm test"',
    },
    { says: "see what would happen", line: "berth complete --dry-run" },
  ],
  run: async ({ args, options, dryRun, open, terminal }) => {
    const tick = options.tick.map(criterion);
    const berth = await open();
    const done = await berth.complete({ id: args.id, ...options, tick, dryRun });
    if ("plan" in done) return dryRunResult(done);
    const { session, landed, kbSession } = done;
    const home = berth.project.repository.mainTop;
    const wayBack: Steps =
      home === null || existsSync(terminal.cwd ?? home) ? [] : [[`cd ${shellWord(home)}`, "this folder is gone"]];
    return {
      data: done,
      text: (page) =>
        [
          report(page, {
            headline: `Completed ${page.style("bold", session.id)}: ${plain(session.title)}`,
            facts: [
              [
                "landed",
                landed ? `${shortCommit(landed.commit)} on ${landed.base}` : "nothing; the base branch holds all of it",
              ],
              ["patch", done.patch],
              ["knowledge", kbSession === null ? null : `${kbSession} is planned, to merge what was learnt`],
              ["workspace", done.workspaceRemoved ? "removed" : null],
            ],
          }),
          ...keptLines(done.kept, page),
          ...nextLines([...wayBack, [`berth drift ${session.id}`, "compare the plan with what happened"]], page),
        ].join("\n"),
      brief: landed?.commit ?? "",
      notes: warningNotes(done.warnings),
    };
  },
});

function criterion(text: string): number | "all" {
  if (text === "all") return "all";
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw usageError(`--tick cannot be "${text}".`, "Give the number of a criterion, counted from 1, or all: --tick 2");
}

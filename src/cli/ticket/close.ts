import { existsSync } from "node:fs";
import type { Berth } from "../../open.ts";
import { shellWord } from "../../shell-word.ts";
import { type Command, defineCommand } from "../command.ts";
import { dryRunResult, report, warningNotes } from "../report.ts";
import { plain } from "../text.ts";
import { TICKET } from "../context/shown.ts";

type Closed = Exclude<Awaited<ReturnType<Berth["ticketClose"]>>, { plan: unknown }>;

export const command: Command = defineCommand({
  options: {
    ...TICKET,
    confirm: { type: "text", value: "N", summary: "An exit criterion that holds, or all", repeatable: true },
    nextIssue: { type: "text", value: "N", summary: "The issue of the next phase; without it the same one" },
    nextTitle: { type: "text", value: "T", summary: "The title of the next phase's ticket; without it the same one" },
    removeWorkspace: { type: "flag", summary: "Remove its workspace too, if nothing in it would be lost" },
  },
  writes: true,
  details: [
    "The gate: every item with a star is ticked, every exit criterion is confirmed, every required artifact is there, no " +
      "file is too large, and ticket.yml and the context are as their schemas say. Nothing is made up to get past it.",
    "The ticket's folder is committed as it is, with the ticket done; other changes of the checkout are left alone. The " +
      "next phase's ticket is opened on a branch of its own, or as a session where this one is one, with decisions, " +
      "blockers, next steps and what is to be handed on. Running it again finishes what a killed run began.",
    "The workspace stays until --remove-workspace, which of a ticket that is done removes it from anywhere (--ticket); " +
      "the branch stays. A session's workspace goes with complete.",
  ],
  examples: [
    { says: "the ticket of this workspace", line: "berth ticket close --confirm all" },
    { says: "and tidy up", line: "berth ticket close --confirm all --remove-workspace" },
    { says: "what it would do", line: "berth ticket close --dry-run" },
    { says: "the next phase has an issue of its own", line: "berth ticket close --confirm 1 --next-issue 143" },
  ],
  run: async ({ options, dryRun, open, terminal }) => {
    const berth = await open();
    const made = await berth.ticketClose({ ...options, dryRun });
    if ("plan" in made) return dryRunResult(made);
    const { ticket, next } = made;
    const home = berth.project.repository.mainTop;
    const wayBack: [string, string][] =
      home === null || existsSync(terminal.cwd ?? home) ? [] : [[`cd ${shellWord(home)}`, "this folder is gone"]];
    return {
      data: made,
      text: (page) =>
        report(page, {
          headline: `Closed ${page.style("bold", plain(ticket.name))}: ${plain(ticket.title)}`,
          facts: [
            ["commit", made.commit],
            ["follows", next?.ticket.name],
            ["its session", next?.session?.id],
            ["workspace", made.workspaceRemoved ? "removed" : null],
          ],
          next: [...wayBack, ...nextSteps(next)],
        }),
      brief: next?.ticket.name ?? ticket.name,
      notes: warningNotes([...made.warnings, ...made.kept]),
    };
  },
});

/** What follows a session waits for that one to come home. */
function nextSteps(next: Closed["next"]): [string, string][] {
  if (next === null || next.ticket.status !== "open") return [];
  const take: [string, string] = [`berth ticket take ${next.ticket.name}`, "go on with it"];
  return next.session === null ? [take] : [["berth complete", "bring this one home first"], take];
}

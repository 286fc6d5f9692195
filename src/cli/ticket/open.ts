import { type Command, defineCommand } from "../command.ts";
import { openedResult } from "./opened.ts";

export const command: Command = defineCommand({
  options: {
    phase: { type: "text", value: "PHASE", summary: "Where on the way from an idea to what is in use", required: true },
    issue: { type: "text", value: "N", summary: "Number or key of the issue", required: true },
    title: { type: "text", value: "T", summary: "What is worked on; without it, what the central context says" },
    url: { type: "text", value: "URL", summary: "Where the issue is" },
    priority: { type: "text", choices: ["now", "next", "future"], summary: "When it is to be done" },
    parent: { type: "text", value: "ISSUE", summary: "An issue that it is a part of", repeatable: true },
    depends: {
      type: "text",
      value: "TICKET",
      summary: "A ticket or issue that must be done before",
      repeatable: true,
      completes: { kind: "tickets", statuses: [] },
    },
    session: { type: "flag", summary: "As a session, planned for whoever claims it" },
    criterion: {
      type: "text",
      value: "C",
      summary: "With --session: what it must do; without one, that the ticket is closed",
      repeatable: true,
    },
    capability: {
      type: "text",
      value: "C",
      summary: "With --session: what an agent must be able to do to claim it",
      repeatable: true,
    },
    noWorkspace: { type: "flag", summary: "Leave it open for somebody else" },
  },
  writes: true,
  details: [
    "Makes tickets/PHASE_N/ with ACTIVE_SESSION.md, checklist.md, ticket.yml and artifacts/ in one commit on the branch " +
      "phase/PHASE_N, publishes it, and makes a workspace. The checkout you stand in is not touched. Of several who open " +
      "one ticket at once one wins, and the others are told who (exit 4).",
    "With --session the folder goes to the base branch, and a session that works it is planned, in one push. It is " +
      "claimed like any other one, or with berth ticket take, and comes home with land and complete. The ticket that " +
      "follows it is a session too, which waits for this one to be completed.",
    "The checklist is the one of the phase's mode: tickets/_templates/MODE.md on the base branch, else Berth's own.",
  ],
  examples: [
    { says: "a ticket, and begin", line: 'berth ticket open --phase training --issue 142 --title "Train on new data"' },
    {
      says: "for whoever comes next, after another one",
      line: 'berth ticket open --phase validation --issue 143 --title "Judge it" --depends training_142 --no-workspace',
    },
    {
      says: "as a session that whoever is able claims",
      line: 'berth ticket open --session --phase training --issue 144 --title "Train again" --capability gpu',
    },
  ],
  run: async ({ options: { parent, criterion, capability, ...options }, dryRun, open }) => {
    const lists = { parents: parent, criteria: criterion, capabilities: capability };
    return openedResult("Opened", await (await open()).ticketOpen({ ...options, ...lists, dryRun }));
  },
});

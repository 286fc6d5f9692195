import { type Command, defineCommand } from "../command.ts";
import { report, warningNotes } from "../report.ts";
import { plain } from "../text.ts";
import { SESSION_OPTION } from "./arguments.ts";
import { PLAN_OPTIONS, planInput } from "./plan-options.ts";

export const command: Command = defineCommand({
  arguments: { title: { summary: "What the work is, in a few words", required: true, prose: true } },
  options: { ...PLAN_OPTIONS, session: SESSION_OPTION },
  writes: true,
  details: [
    "The plan of a claimed session is frozen. What turns out to be needed beyond it is drafted as a session of its own, " +
      "linked to this one in both directions.",
  ],
  examples: [
    { says: "in a workspace, when more work comes to light", line: 'berth subsession "Show the remaining attempts"' },
  ],
  run: async ({ args, options: { session, ...plan }, dryRun, open }) => {
    const berth = await open();
    const drafted = await berth.subsession({ title: args.title, session, ...planInput(plan), dryRun });
    const { id, title, parent } = drafted.session;
    return {
      data: drafted,
      text: (page) =>
        report(page, {
          headline: `Drafted ${page.style("bold", id)} under ${plain(parent ?? "")}: ${plain(title)}`,
          next: [[`berth ready ${id}`, "let agents claim it, once it is filled in"]],
        }),
      brief: id,
      notes: warningNotes(drafted.warnings),
    };
  },
});

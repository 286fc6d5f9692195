import { type Command, defineCommand } from "../command.ts";
import { dryRunResult, report, warningNotes } from "../report.ts";
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
    const input = { title: args.title, ...planInput(plan) };
    if (dryRun) {
      const parent = (await berth.show({ id: session })).session.id;
      const drafted = await berth.draft({ ...input, parent, dryRun });
      return dryRunResult("plan" in drafted ? drafted : { plan: drafted });
    }
    const drafted = await berth.subsession({ ...input, session });
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

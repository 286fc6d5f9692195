import { type Command, defineCommand } from "../command.ts";
import { dryRunResult, report, warningNotes } from "../report.ts";
import { plain } from "../text.ts";
import { PLAN_OPTIONS, planInput } from "./plan-options.ts";

export const command: Command = defineCommand({
  arguments: { title: { summary: "What the work is, in a few words", required: true, prose: true } },
  options: {
    ...PLAN_OPTIONS,
    parent: {
      type: "text",
      value: "ID",
      summary: "The session this one is a part of",
      completes: { kind: "sessions", states: ["drafting", "planned", "active", "completed"] },
    },
  },
  writes: true,
  details: [
    "The draft is a document, SESSION.md, made from the project's template. It is finished with `berth edit`, or in the " +
      "sessions folder, and offered to agents with `berth ready` once its context and criteria are filled in.",
  ],
  examples: [
    { says: "a draft to be filled in later", line: 'berth draft "Limit login attempts"' },
    {
      says: "a draft that is ready at once",
      line: 'berth draft "Limit login attempts" --context "src/login.ts counts nothing" --criterion "The sixth attempt within a minute is refused"',
    },
    { says: "a long context from a file", line: 'berth draft "Limit login attempts" --context - < notes.md' },
  ],
  run: async ({ args, options: { parent, ...plan }, dryRun, open }) => {
    const berth = await open();
    const drafted = await berth.draft({ title: args.title, parent, ...planInput(plan), dryRun });
    if ("plan" in drafted) return dryRunResult(drafted);
    const { id, title } = drafted.session;
    return {
      data: drafted,
      text: (page) =>
        report(page, {
          headline: `Drafted ${page.style("bold", id)}: ${plain(title)}`,
          next: [
            [`berth edit ${id}`, "fill in what is missing"],
            [`berth ready ${id}`, "let agents claim it"],
          ],
        }),
      brief: id,
      notes: warningNotes(drafted.warnings),
    };
  },
});

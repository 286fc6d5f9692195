import { z } from "zod";
import { issue, oneOf, status, text, texts, time, url, wordOf } from "../schema.ts";
import { WORK_STATUS } from "../status-word.ts";
import { PRIORITIES, type Vocabulary } from "../vocabulary.ts";

/** A way of working, or the command that starts one, such as `/drive`. */
const command = z.string().regex(/^\/[a-z][\w:-]{0,63}$/, "a command such as /drive");

const item = z.looseObject({
  name: text,
  required: z.boolean("true or false").nullish(),
});
const artifact = z.looseObject({
  path: text.describe("In the ticket's folder or its artifacts/; else from the top of the repository"),
  required: z.boolean("true or false").nullish(),
});
const evaluated = z.looseObject({
  status: z.boolean("true or false").nullish(),
  eval: text.nullish().describe("File that holds the evaluation"),
  notes: text.nullish(),
  required: z.boolean("true or false").nullish(),
});
const gates = z.looseObject({ entry_criteria: texts.nullish(), exit_criteria: texts.nullish() });

/** What an evaluation judges. */
const EVALUATED = [
  "checklist",
  "artifacts",
  "entry_criteria",
  "exit_criteria",
  "issue_closed",
  "labels_valid",
  "ready_for_next_phase",
] as const;

/**
 * ticket.yml; keys that it does not name are a team's own. [TKT-03]
 * @param closed whether the vocabulary holds all words there are; false for the published schema, which serves every team
 */
export function ticketSchema({ modes, phases }: Vocabulary, closed = true): z.ZodObject {
  const entries = EVALUATED.map((name) => [name, evaluated.nullish()] as const);
  return z.looseObject({
    ticket: text.describe("Name of the ticket and its folder, <phase>_<issue>"),
    issue_id: issue.describe("Number or key of the issue"),
    title: text,
    description: text.nullish(),
    url: url.nullish(),
    operator: text.nullish().describe("The person who is responsible"),
    team: text.nullish(),
    project: z.union([text, z.int(), z.looseObject({})], "a name, a number, or a map of keys").nullish(),
    client: text.nullish(),
    prd_issue: issue.nullish(),
    crd_issue: issue.nullish(),
    phase: wordOf(phases.keys(), closed).describe("Where on the way from an idea to what is in use"),
    stage: text.nullish(),
    mode: z
      .union([wordOf(modes.keys(), closed), command], `one of ${[...modes.keys()].join(", ")}, or a command`)
      .nullish()
      .describe("How the work is done, or the command that starts it"),
    status: status(WORK_STATUS).describe("Of the ticket as a whole"),
    priority: oneOf(PRIORITIES).nullish(),
    parents: z.array(issue).nullish().describe("Issues or tickets that this one is a part of"),
    dependencies: z.array(issue).nullish().describe("Issues or tickets that must be done before this one"),
    checklist: z.array(item).nullish().describe("Items that checklist.md must have; ticked at the end where required"),
    artifacts: z.array(artifact).nullish().describe("Files that must be there at the end where required"),
    gates: gates.nullish(),
    entry_criteria: texts.nullish(),
    exit_criteria: texts.nullish(),
    next_phase: wordOf(phases.keys(), closed).nullish().describe("The phase whose ticket follows; null at an end"),
    opened_at: time.nullish(),
    started_at: time.nullish(),
    completed_at: time.nullish(),
    duration_estimate: text.nullish().describe("Such as 6h"),
    revenue_value: z.union([z.number(), text], "a number or a text").nullish(),
    effort_hours: z.number("a number").min(0, "a number that is not negative").nullish(),
    evaluation: z.looseObject(Object.fromEntries(entries)).nullish(),
  });
}

import { z } from "zod";
import { word } from "../schema-words.ts";
import { type StatusWords, statusOf, TASK_STATUS, TODO_STATUS, WORK_STATUS } from "./status-word.ts";
import { PRIORITIES, type Vocabulary } from "./vocabulary.ts";

const TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

export const text: z.ZodType<string, string> = z
  .string()
  .min(1, "a text that is not empty")
  .max(10_000, "a text of at most 10,000 characters");
export const texts: z.ZodType<string[], string[]> = z.array(text);
export const time: z.ZodType<string, string> = z
  .string()
  .regex(TIME, "a time with its zone such as 2026-03-01T09:30:00Z");
/** GitHub's are numbers; other trackers have words. */
export const issue: z.ZodType<string | number, string | number> = z.union(
  [z.int().min(1), z.string().regex(/^[\w.-]{1,64}$/)],
  "the number or key of an issue",
);
export const url: z.ZodType<string, string> = z
  .string()
  .regex(/^https?:\/\/\S+$/, "an address that begins with https://");
const link = z.looseObject({ issue_number: issue.nullish(), title: text.nullish(), url: url.nullish() });
const tool = z.string().regex(/^[A-Za-z][\w-]*(?:\([^\p{Cc}]*\))?$/u, "a tool such as Read, or Bash(git:*)");

export function status(words: StatusWords): z.ZodType {
  return z
    .string()
    .refine((given) => statusOf(words, given) !== null, `one of ${words.known.join(", ")}`)
    .meta({ examples: [...words.known] });
}

export function oneOf(words: Iterable<string>): z.ZodType {
  const all = [...words];
  return z.enum(all as [string, ...string[]], `one of ${all.join(", ")}`);
}

/** A word of the vocabulary; where that is not known, any word, with those there are by default as examples. */
export function wordOf(words: Iterable<string>, known: boolean): z.ZodType {
  return known ? oneOf(words) : word.meta({ examples: [...words] });
}

const todo = z.looseObject({
  id: z.union([text, z.int()], "a text or a number"),
  content: text,
  status: status(TODO_STATUS),
  priority: oneOf(["high", "medium", "low"]).nullish(),
});
/** What has the number of another could be neither merged nor named. */
const todos = z.array(todo).superRefine((items, context) => {
  const seen = new Set<string>();
  for (const [at, { id }] of items.entries()) {
    if (seen.has(String(id)))
      context.addIssue({ code: "custom", path: [at, "id"], message: "an id that no other todo has" });
    seen.add(String(id));
  }
});
const task = z.looseObject({
  issue_number: issue.nullish(),
  title: text,
  url: url.nullish(),
  priority: oneOf(PRIORITIES).nullish(),
  status: status(TASK_STATUS).nullish(),
});

/**
 * The front matter of ACTIVE_SESSION.md; keys that it does not name are a team's own. [CTX-02] to [CTX-10]
 * @param closed whether the vocabulary holds all words there are; false for the published schema, which serves every team
 */
export function contextSchema({ modes, phases, agents }: Vocabulary, closed = true): z.ZodObject {
  return z.looseObject({
    session_id: text.describe("Identity of the session, such as 2026-03-01-093000"),
    started_at: time.describe("When the work began, ISO 8601 with zone"),
    last_updated: time.nullish().describe("When this document was last changed"),
    operator: text.describe("The person who is responsible"),
    assistant: text.nullish().describe("The program that does the work"),
    status: status(WORK_STATUS).nullish(),
    mode: wordOf(modes.keys(), closed).describe("How the work is done now"),
    phase: wordOf(phases.keys(), closed).describe("Where on the way from an idea to what is in use"),
    agent: wordOf(agents, closed).describe("The role at work"),
    task: task.describe("The issue that is worked on"),
    branch: text.nullish(),
    parent_crd: link.nullish(),
    parent_prd: link.nullish(),
    project: z
      .looseObject({ id: z.union([text, z.int()]).nullish(), name: text.nullish(), url: url.nullish() })
      .nullish(),
    todos: todos.nullish(),
    created_files: texts.nullish(),
    modified_files: texts.nullish(),
    dependencies: texts.nullish(),
    decisions: texts.nullish(),
    blockers: texts.nullish(),
    next_steps: texts.nullish(),
    handoff_requirements: texts.nullish(),
    repository: text.nullish(),
    current_branch: text.nullish(),
    working_directory: text.nullish(),
    uncommitted_changes: z.boolean("true or false").nullish(),
    last_commit: text.nullish(),
    session_state: z
      .looseObject({ mode: text.nullish(), task: text.nullish(), feature: text.nullish(), version: z.int().nullish() })
      .nullish()
      .describe("The session state as it was at the last commit; filled in, see `berth state`"),
    allowed_tools: z.array(tool).nullish(),
    restricted_tools: z.array(tool).nullish(),
  });
}

/** A schema as JSON Schema, for editors. */
export function publishedSchema(schema: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(schema, { io: "input" });
}

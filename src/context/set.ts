import { BerthError } from "../errors.ts";
import { parseKeyPath } from "../document/key-path.ts";
import type { Project } from "../project.ts";
import { locateContext } from "./locate.ts";
import type { ContextText } from "./read.ts";
import { contextSchema } from "./schema.ts";
import { changedValue, type NewValue } from "./new-value.ts";
import { type Changes, type Updated, updateContext } from "./update.ts";
import { problemsOf } from "./validate.ts";
import { type Vocabulary, vocabularyOf } from "./vocabulary.ts";

export interface SetInput extends NewValue {
  readonly ticket?: string | undefined;
  readonly dryRun?: boolean;
}

/**
 * Changes one value of the context of the place one stands in; everything else keeps its bytes. [CTX-12]
 * @throws BerthError INVALID where the new value is not what the schema expects there, NOT_FOUND without a context
 */
export async function contextSet(project: Project, input: SetInput): Promise<Updated & { readonly value: unknown }> {
  const path = parseKeyPath(input.key);
  const [top] = path;
  if (top === undefined)
    throw new BerthError("USAGE", "Name a key.", { hint: "For example: berth context set mode build" });
  if (top === "session_state")
    throw new BerthError("INVALID", "The session state is kept in its own note, and filled in here at each commit.", {
      hint: "Change it with: berth state set --mode coding --task TEXT --feature TEXT",
    });
  const place = await locateContext(project, input);
  const vocabulary = vocabularyOf(project.config);
  const schema = contextSchema(vocabulary);
  let value: unknown;
  const decide = (read: ContextText): Changes => {
    const made = changedValue(read.data, path, input, place.path);
    value = made.value;
    const changes: Changes = {
      [top]: made.whole,
      ...(top === "mode" ? toolsOf(vocabulary, read, value) : {}),
    };
    requireFits(read, changes, schema, place.path);
    return changes;
  };
  const updated = await updateContext(project, place, decide, input.dryRun);
  return { ...updated, value };
}

/** Who goes on to another mode has its tools, unless somebody has chosen others. [CTX-09] */
function toolsOf({ modes }: Vocabulary, { data }: ContextText, mode: unknown): Changes {
  const [before, now] = [data["mode"], mode].map((one) => modes.get(String(one))?.tools);
  const isUsual = before !== undefined && JSON.stringify(data["allowed_tools"]) === JSON.stringify(before);
  return isUsual && now !== undefined ? { allowed_tools: now } : {};
}

/**
 * What was wrong before may stay so; what is changed must be right.
 * @throws BerthError INVALID
 */
export function requireFits(
  { data }: Pick<ContextText, "data">,
  changes: Changes,
  schema: Parameters<typeof problemsOf>[1],
  file: string,
): void {
  const place = (): { line: number; column: number } => ({ line: 1, column: 1 });
  const after = Object.fromEntries(Object.entries({ ...data, ...changes }).filter(([, value]) => value !== undefined));
  const known = new Set(problemsOf({ data, place }, schema).map(({ message }) => message));
  const problems = problemsOf({ data: after, place }, schema).filter(({ message }) => !known.has(message));
  if (problems.length === 0) return;
  throw new BerthError("INVALID", `${file}: ${problems.map(({ message }) => message).join("; ")}.`, {
    hint: "See what a context may hold with: berth help context set",
    facts: { file, problems: problems.map(({ key, found, expected }) => ({ key, found, expected })) },
  });
}

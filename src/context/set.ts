import { BerthError } from "../errors.ts";
import { parseKeyPath } from "../document/key-path.ts";
import type { Project } from "../project.ts";
import { locateContext } from "./locate.ts";
import type { ContextText } from "./read.ts";
import { contextSchema } from "./schema.ts";
import { type Changes, type Updated, updateContext } from "./update.ts";
import { problemsOf } from "./validate.ts";
import { type Vocabulary, vocabularyOf } from "./vocabulary.ts";

export interface SetInput {
  /** A key path such as `task.status`. */
  readonly key: string;
  /** The new value; `undefined` with neither `add` nor `drop` removes what is there. */
  readonly value?: unknown;
  /** Values to append to a list; those that it has already are not appended again. */
  readonly add?: readonly unknown[];
  /** Values to take out of a list. */
  readonly drop?: readonly unknown[];
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
    const before = valueIn(read.data, path);
    value = wanted(before, input, place.path);
    const changes: Changes = {
      [top]: withValue(read.data[top], path.slice(1), value, place.path),
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

/** The list or value that is asked for. */
function wanted(before: unknown, { value, add, drop, key }: SetInput, file: string): unknown {
  if (add === undefined && drop === undefined) return value;
  const list: unknown = before ?? [];
  if (!Array.isArray(list))
    throw new BerthError("INVALID", `${file}: ${key} is no list.`, { hint: "Give its new value instead." });
  const dropped = new Set((drop ?? []).map((one) => JSON.stringify(one)));
  const kept = (list as unknown[]).filter((one) => !dropped.has(JSON.stringify(one)));
  const known = new Set(kept.map((one) => JSON.stringify(one)));
  return [...kept, ...(add ?? []).filter((one) => !known.has(JSON.stringify(one)))];
}

function valueIn(data: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    data,
  );
}

/** A value with another one below it; maps on the way are made. */
function withValue(whole: unknown, path: readonly string[], value: unknown, file: string): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (whole !== undefined && whole !== null && !isMap(whole))
    throw new BerthError("INVALID", `${file}: ${key} would stand below a value that is no map.`, {
      hint: "Items of lists are changed as a whole; todos with: berth context todo set",
    });
  const map: Record<string, unknown> = isMap(whole) ? { ...whole } : {};
  map[key] = withValue(map[key], rest, value, file);
  if (map[key] === undefined) delete map[key];
  return map;
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

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

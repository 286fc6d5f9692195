import { parseArgs } from "node:util";
import type { ArgumentSpec, Command, OptionSpec } from "./command.ts";
import { GLOBAL_OPTIONS, longName, ownOptions, valueName } from "./global-options.ts";
import { optionOf } from "../shell-word.ts";
import { didYouMean } from "./suggest.ts";
import { usageError } from "./usage-error.ts";

/** Values by key: texts and flags as typed, seconds as milliseconds once they are converted. */
export type RawValues = Record<string, string | boolean | number | readonly string[] | undefined>;

/** A call before its verb is loaded. */
export interface Head {
  /** The first words that are not options; the verb is among them. */
  readonly words: readonly string[];
  /** Where in the arguments the verb's words begin. */
  readonly at: number;
  readonly version: boolean;
  readonly globals: Globals;
}

/** The options of every verb, as typed. */
export interface Globals {
  readonly directory: string | undefined;
  readonly agent: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly noInput: boolean;
  readonly help: boolean;
}

type Specs = Readonly<Record<string, OptionSpec>>;

/**
 * Reads the options before the verb.
 * @throws BerthError USAGE for an option that no verb has
 */
export function readHead(args: readonly string[]): Head {
  const specs: Specs = { ...GLOBAL_OPTIONS, version: { type: "flag", summary: "" } };
  const at = tokensOf(args, specs).find(({ kind }) => kind !== "option")?.index ?? args.length;
  const { values } = readOptions(args.slice(0, at), specs, "berth");
  const tail = args.slice(at);
  const end = tail.findIndex((word) => word.startsWith("-"));
  return {
    words: end < 0 ? tail : tail.slice(0, end),
    at,
    version: values["version"] === true,
    globals: globalsOf(values),
  };
}

/**
 * Reads everything after the verb against what the verb declares.
 * @param args the call without the verb's own words
 * @param name the verb, for messages
 * @throws BerthError USAGE that says what was expected
 */
export function readCall(
  args: readonly string[],
  command: Command,
  name: string,
): { readonly globals: Globals; readonly options: RawValues; readonly args: RawValues } {
  const { values, positionals } = readOptions(args, { ...GLOBAL_OPTIONS, ...ownOptions(command) }, `berth ${name}`);
  const globals = globalsOf(values);
  if (globals.help) return { globals, options: {}, args: {} };
  const options = checkOptions(values, command, name);
  return { globals, options, args: assign(positionals, command.arguments, name) };
}

function globalsOf(values: RawValues): Globals {
  const text = (key: string): string | undefined => (typeof values[key] === "string" ? values[key] : undefined);
  return {
    directory: text("directory"),
    agent: text("agent"),
    json: values["json"] === true,
    quiet: values["quiet"] === true,
    noInput: values["noInput"] === true,
    help: values["help"] === true,
  };
}

type Token = NonNullable<ReturnType<typeof parseArgs>["tokens"]>[number];

function tokensOf(args: readonly string[], specs: Specs): readonly Token[] {
  const options = Object.entries(specs).map(([key, spec]) => [
    longName(key).slice(2),
    { type: spec.type === "flag" ? "boolean" : "string", ...(spec.short ? { short: spec.short } : {}) } as const,
  ]);
  // Not strict: the messages of our own name the verb's help and the nearest option.
  return parseArgs({
    args: [...args],
    options: Object.fromEntries(options),
    strict: false,
    tokens: true,
    allowPositionals: true,
  }).tokens;
}

function readOptions(
  args: readonly string[],
  specs: Specs,
  called: string,
): { readonly values: RawValues; readonly positionals: readonly string[] } {
  const keys = new Map(Object.keys(specs).map((key) => [longName(key).slice(2), key]));
  const values: RawValues = {};
  const positionals: string[] = [];
  for (const token of tokensOf(args, specs)) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const key = keys.get(token.name);
    const spec = key === undefined ? undefined : specs[key];
    if (key === undefined || spec === undefined) throw unknownOption(token.rawName, specs, called);
    const value = optionValue(token, spec, called);
    const before = values[key];
    values[key] =
      spec.repeatable === true && typeof value === "string" ? [...(Array.isArray(before) ? before : []), value] : value;
  }
  return { values, positionals };
}

function unknownOption(rawName: string, specs: Specs, called: string): Error {
  const known = Object.keys(specs).map(longName);
  const near = didYouMean(rawName, known);
  return usageError(
    `${called} has no option ${rawName}.${near === undefined ? "" : ` ${near}`}`,
    `See its options with: ${called} --help`,
    { option: rawName },
  );
}

function optionValue(token: Extract<Token, { kind: "option" }>, spec: OptionSpec, called: string): string | boolean {
  const { rawName, value } = token;
  const hint = `See its options with: ${called} --help`;
  if (spec.type === "flag") {
    if (value !== undefined) throw usageError(`${rawName} takes no value, and was given "${value}".`, hint);
    return true;
  }
  if (value === undefined) throw usageError(`${rawName} needs a value: ${rawName} ${valueName(spec)}.`, hint);
  if (!token.inlineValue && value.startsWith("-") && value !== "-") {
    throw usageError(
      `${rawName} needs a value, and is followed by ${value}.`,
      `Write ${optionOf(rawName, value)} if that is the value.`,
    );
  }
  return value;
}

function checkOptions(values: RawValues, command: Command, name: string): RawValues {
  const checked: RawValues = {};
  for (const [key, spec] of Object.entries(ownOptions(command))) {
    const value = values[key];
    if (value === undefined && spec.required === true) {
      const wanted = `${longName(key)} ${valueName(spec)}`;
      throw usageError(`berth ${name} needs ${wanted}: ${lowerFirst(spec.summary)}.`, exampleHint(command, name));
    }
    for (const one of Array.isArray(value) ? value : [value]) checkChoice(one, longName(key), spec);
    checked[key] = value ?? (spec.type === "flag" ? false : spec.repeatable === true ? [] : undefined);
  }
  return checked;
}

function checkChoice(value: unknown, what: string, spec: Pick<OptionSpec, "choices">): void {
  if (typeof value !== "string" || spec.choices === undefined || spec.choices.includes(value)) return;
  const near = didYouMean(value, spec.choices);
  throw usageError(
    `${what} cannot be "${value}".${near === undefined ? "" : ` ${near}`}`,
    `It is one of: ${spec.choices.join(", ")}.`,
    { value, choices: spec.choices },
  );
}

function assign(given: readonly string[], specs: Readonly<Record<string, ArgumentSpec>>, name: string): RawValues {
  const values: RawValues = {};
  const rest = [...given];
  const hint = `See how it is called with: berth ${name} --help`;
  for (const [key, spec] of Object.entries(specs)) {
    const taken = spec.repeatable === true ? rest.splice(0) : rest.splice(0, 1);
    if (taken.length === 0 && spec.required === true) {
      throw usageError(`berth ${name} needs ${argumentName(key)}: ${lowerFirst(spec.summary)}.`, hint);
    }
    for (const one of taken) checkChoice(one, argumentName(key), spec);
    values[key] = spec.repeatable === true ? taken : taken[0];
  }
  if (rest.length === 0) return values;
  const prose = Object.values(specs).some((spec) => spec.prose === true && spec.repeatable !== true);
  throw usageError(
    `berth ${name} does not take "${rest[0]}".`,
    prose ? `Put text of several words in quotes: berth ${name} "${given.join(" ")}"` : hint,
    { unexpected: rest },
  );
}

/** How an argument is written in help: `id` as ID. */
export function argumentName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter}`).toUpperCase();
}

function exampleHint(command: Command, name: string): string {
  return command.examples[0] ? `For example: ${command.examples[0].line}` : `See: berth ${name} --help`;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

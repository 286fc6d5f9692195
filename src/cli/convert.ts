import type { Command, Invocation, OptionSpec } from "./command.ts";
import { longName, ownOptions } from "./global-options.ts";
import { argumentName, type RawValues } from "./parse.ts";
import type { Terminal } from "./terminal.ts";
import { usageError } from "./usage-error.ts";

/** Longest wait that a timer can hold. */
const MOST_SECONDS = 2_000_000;

/** Turns values as typed into what `run` is promised: seconds into milliseconds, `-` into standard input. */
export async function convert(
  command: Command,
  raw: { readonly args: RawValues; readonly options: RawValues },
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Pick<Invocation, "args" | "options">> {
  const options: RawValues = {};
  for (const [key, spec] of Object.entries(ownOptions(command))) options[key] = converted(raw.options[key], key, spec);
  const args: RawValues = { ...raw.args };
  const asking = [
    ...dashes(args, command.arguments).map((key) => ({ values: args, key, name: argumentName(key) })),
    ...dashes(options, command.options).map((key) => ({ values: options, key, name: longName(key) })),
  ];
  const [first, second] = asking;
  if (second !== undefined) {
    throw usageError(
      `Only one value can come from standard input, and ${asking.map(({ name }) => name).join(" and ")} ask for it.`,
      "Give the others as text.",
    );
  }
  if (first !== undefined) {
    const { readStandardInput } = await import("./input.ts");
    const text = (await readStandardInput(terminal, signal)).replace(/\r?\n$/, "");
    const value = first.values[first.key];
    first.values[first.key] = Array.isArray(value) ? value.map((one: string) => (one === "-" ? text : one)) : text;
  }
  // The tables of the command say what each key holds; its types are checked where it is defined.
  return { args, options } as unknown as Pick<Invocation, "args" | "options">;
}

/** The keys of free text that are `-`, once for each. */
function dashes(values: RawValues, specs: Readonly<Record<string, { readonly prose?: true }>>): string[] {
  return Object.entries(specs).flatMap(([key, spec]) => {
    if (spec.prose !== true) return [];
    const value = values[key];
    const texts = Array.isArray(value) ? (value as readonly string[]) : [value];
    return texts.filter((text) => text === "-").map(() => key);
  });
}

function converted(value: RawValues[string], key: string, spec: OptionSpec): RawValues[string] {
  if (spec.type !== "seconds" || typeof value !== "string") return value;
  const seconds = Number(value);
  if (!/^\d+(?:\.\d+)?$/.test(value) || seconds > MOST_SECONDS) {
    throw usageError(`${longName(key)} cannot be "${value}".`, `Give a number of seconds: ${longName(key)} 30.`);
  }
  return seconds * 1000;
}

import type { ArgumentSpec, Command, OptionSpec, Result } from "./command.ts";
import { exitCodeRows } from "./exit-code.ts";
import { ENVIRONMENT, GLOBAL_OPTIONS, longName, ownOptions, valueName } from "./global-options.ts";
import { argumentName } from "./parse.ts";
import { GROUPS, type VerbEntry, visibleVerbs } from "./registry.ts";
import type { Page } from "./style.ts";
import { didYouMean } from "./suggest.ts";
import { wrap } from "./text.ts";
import { usageError } from "./usage-error.ts";

/** All verbs by group. */
export function overview(): Result {
  const verbs = visibleVerbs();
  return {
    data: {
      verbs: verbs.map(({ name, group, summary }) => ({ name, group, summary })),
      options: describeOptions(GLOBAL_OPTIONS),
      exitCodes: exitCodeRows(),
    },
    text: (page) => {
      const sections = GROUPS.map((group) => {
        const members = verbs.filter((verb) => verb.group === group);
        return section(
          group,
          members.map(({ name, summary }) => [name, summary] as const),
          page,
        );
      });
      return [
        `${page.style("bold", "berth")}: work sessions for coding agents, kept in git`,
        `${page.style("bold", "Usage:")} berth [-C DIR] VERB [ARGUMENTS] [OPTIONS]`,
        ...sections,
        section("Options of every verb", optionRows(GLOBAL_OPTIONS), page),
        section("Environment", ENVIRONMENT, page),
        "Help of one verb: berth help VERB. Version: berth --version.",
      ].join("\n\n");
    },
  };
}

/** One verb: how it is called, what it takes, examples, exit codes. */
export function verbHelp(verb: VerbEntry, command: Command): Result {
  const own = ownOptions(command);
  return {
    data: {
      verb: verb.name,
      summary: verb.summary,
      usage: usageLine(verb.name, command),
      details: command.details,
      arguments: Object.entries(command.arguments).map(([key, spec]) => ({
        name: argumentName(key),
        ...factsOf(spec),
      })),
      options: describeOptions(own),
      examples: command.examples,
    },
    text: (page) => {
      const width = Math.min(page.width, 100);
      const rows = Object.entries(command.arguments).map(([key, spec]) => [argumentName(key), explain(spec)] as const);
      const examples = command.examples.map(({ says, line }) => `  ${page.style("dim", `# ${says}`)}\n  ${line}`);
      return [
        `${page.style("bold", `berth ${verb.name}`)}: ${verb.summary}`,
        `${page.style("bold", "Usage:")} ${wrap(usageLine(verb.name, command), width - 7, "         ")}`,
        ...command.details.map((paragraph) => wrap(paragraph, width)),
        ...(rows.length > 0 ? [section("Arguments", rows, page)] : []),
        ...(Object.keys(own).length > 0 ? [section("Options", optionRows(own), page)] : []),
        section("Options of every verb", optionRows(GLOBAL_OPTIONS), page),
        ...(examples.length > 0 ? [`${page.style("bold", "Examples")}\n${examples.join("\n")}`] : []),
        section(
          "Exit codes",
          exitCodeRows().map(({ code, meaning }) => [String(code), meaning] as const),
          page,
        ),
      ].join("\n\n");
    },
  };
}

/** @returns the error for words that begin with no verb */
export function unknownVerb(words: readonly string[]): Error {
  const [word = ""] = words;
  const near = didYouMean(
    word,
    visibleVerbs().map(({ name }) => name),
  );
  return usageError(
    `There is no verb "${word}".${near === undefined ? "" : ` ${near}`}`,
    "See all verbs with: berth help",
    { verb: word },
  );
}

/** How a verb is called, as one line. */
export function usageLine(name: string, command: Command): string {
  const places = Object.entries(command.arguments).map(([key, spec]) => {
    const word = `${argumentName(key)}${spec.repeatable === true ? "…" : ""}`;
    return spec.required === true ? word : `[${word}]`;
  });
  const options = Object.entries(ownOptions(command)).map(([key, spec]) => {
    const word = [longName(key), valueName(spec)].filter((part) => part !== "").join(" ");
    const many = spec.repeatable === true ? "…" : "";
    return spec.required === true ? `${word}${many}` : `[${word}]${many}`;
  });
  return ["berth", name, ...places, ...options].join(" ");
}

/** Options with how they are written and what they do. */
export function optionRows(options: Readonly<Record<string, OptionSpec>>): (readonly [string, string])[] {
  return Object.entries(options).map(([key, spec]) => {
    const names = [...(spec.short === undefined ? [] : [`-${spec.short}`]), longName(key)].join(", ");
    return [`${names} ${valueName(spec)}`.trimEnd(), explain(spec)] as const;
  });
}

/** What an argument or option is for, with what its kind adds. */
export function explain(spec: ArgumentSpec | OptionSpec): string {
  const remarks = [
    ...("type" in spec && spec.type === "seconds" ? ["in seconds"] : []),
    ...(spec.repeatable === true ? ["may be given several times"] : []),
    ...(spec.prose === true ? ["- for standard input"] : []),
    ...(!("type" in spec) && spec.choices !== undefined ? [spec.choices.join(", ")] : []),
  ];
  return remarks.length === 0 ? spec.summary : `${spec.summary} (${remarks.join("; ")})`;
}

function describeOptions(options: Readonly<Record<string, OptionSpec>>): object[] {
  return Object.entries(options).map(([key, spec]) => ({
    name: longName(key),
    ...(spec.short === undefined ? {} : { short: `-${spec.short}` }),
    type: spec.type,
    ...factsOf(spec),
  }));
}

function factsOf(spec: ArgumentSpec | OptionSpec): object {
  const { summary, choices, required = false, repeatable = false } = spec;
  return { summary, required, repeatable, ...(choices === undefined ? {} : { choices }) };
}

/** A heading over two columns. */
function section(title: string, rows: readonly (readonly [string, string])[], page: Page): string {
  const indent = Math.min(26, Math.max(...rows.map(([left]) => left.length)) + 4);
  const width = Math.min(page.width, 100) - indent;
  const lines = rows.map(([left, right]) => {
    const text = wrap(right, width, " ".repeat(indent));
    return left.length + 4 > indent ? `  ${left}\n${" ".repeat(indent)}${text}` : `  ${left.padEnd(indent - 2)}${text}`;
  });
  return [page.style("bold", title), ...lines].join("\n");
}

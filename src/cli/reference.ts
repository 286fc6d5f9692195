import type { Command } from "./command.ts";
import { errorCodesOf, exitCodeRows } from "./exit-code.ts";
import { ENVIRONMENT, GLOBAL_OPTIONS, ownOptions } from "./global-options.ts";
import { explain, optionRows, usageLine } from "./help-text.ts";
import { argumentName } from "./parse.ts";
import { GROUPS, type VerbEntry, visibleVerbs } from "./registry.ts";

/** The reference page of the command line, as Markdown, from the same table as the help. */
export async function renderReference(): Promise<string> {
  const loaded = await Promise.all(
    visibleVerbs().map(async (verb) => ({ verb, command: (await verb.load()).command })),
  );
  const groups = GROUPS.map((group) => {
    const members = loaded.filter(({ verb }) => verb.group === group);
    return [`## ${group}`, ...members.map(({ verb, command }) => verbSection(verb, command))].join("\n\n");
  });
  const tables = [rows("Options of every verb", optionRows(GLOBAL_OPTIONS)), rows("Environment", ENVIRONMENT)];
  return `${[INTRODUCTION, ...groups, ...tables, exitCodes()].join("\n\n")}\n`;
}

const INTRODUCTION = `# The command line

This page is made from the program's own table of verbs; \`berth help VERB\` shows the same.

With \`--json\` a verb prints exactly one JSON document on standard output, whose first field is \`schemaVersion\`; everything
for people goes to standard error. An error is \`{"schemaVersion":1,"error":{"code":…,"message":…,"hint":…}}\` with the facts
of the case as further fields of \`error\`. Free text may be \`-\` for standard input. Every verb is safe to repeat.`;

function verbSection(verb: VerbEntry, command: Command): string {
  const parameters = [
    ...Object.entries(command.arguments).map(([key, spec]) => [argumentName(key), explain(spec)] as const),
    ...optionRows(ownOptions(command)),
  ];
  const examples = command.examples.map(({ says, line }) => `# ${says}\n${line}`).join("\n");
  return [
    `### ${verb.name}`,
    `${verb.summary}.`,
    fenced(usageLine(verb.name, command)),
    ...command.details,
    ...(parameters.length > 0 ? [tableOf(parameters)] : []),
    fenced(examples),
  ].join("\n\n");
}

function rows(title: string, parameters: readonly (readonly [string, string])[]): string {
  return `## ${title}\n\n${tableOf(parameters)}`;
}

function tableOf(parameters: readonly (readonly [string, string])[]): string {
  const lines = parameters.map(([name, text]) => `| \`${cell(name)}\` | ${cell(text)} |`);
  return ["| | |", "|---|---|", ...lines].join("\n");
}

function exitCodes(): string {
  const lines = exitCodeRows().map(
    ({ code, meaning }) =>
      `| ${code} | ${meaning} | ${errorCodesOf(code)
        .map((name) => `\`${name}\``)
        .join(", ")} |`,
  );
  return ["## Exit codes", "", "| Exit code | Meaning | `error.code` |", "|---|---|---|", ...lines].join("\n");
}

function fenced(text: string): string {
  return `\`\`\`sh\n${text}\n\`\`\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

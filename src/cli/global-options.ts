import type { Command, OptionSpec } from "./command.ts";

/** Options that every verb takes. */
export const GLOBAL_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  directory: {
    type: "text",
    short: "C",
    value: "DIR",
    summary: "Act as if started in this folder",
    completes: { kind: "folders" },
  },
  json: { type: "flag", summary: "Print one JSON document, and nothing else, on standard output" },
  quiet: { type: "flag", summary: "Print only the value a script would want, or nothing" },
  noInput: { type: "flag", summary: "Never ask; fail where an answer is needed" },
  agent: {
    type: "text",
    value: "NAME",
    summary: "Who is calling; default: BERTH_AGENT, the agent client, the git user",
  },
  help: { type: "flag", short: "h", summary: "Show the help of this verb" },
};

/** Variables of the environment that the program heeds, besides those of git and of agent clients. */
export const ENVIRONMENT: readonly (readonly [name: string, summary: string])[] = [
  ["BERTH_AGENT", "Who is calling, where --agent does not say it"],
  [
    "BERTH_HOME",
    "Folder for what all clones of this machine share; default: XDG_STATE_HOME/berth, ~/.local/state/berth",
  ],
  ["BERTH_DEBUG", "1: print where an error came from"],
  ["VISUAL, EDITOR", "The editor for texts, on a terminal"],
  ["NO_COLOR, FORCE_COLOR", "No colours, or colours where there is no terminal"],
  ["CI", "No colours, no repainted line, no questions"],
];

const DRY_RUN: OptionSpec = { type: "flag", summary: "Print what would be done, and do nothing" };
const FETCH: OptionSpec = { type: "flag", summary: "Ask the hub first, instead of showing what was last fetched" };

/** The options of a verb together with those it has because it reads or writes, without those of every verb. */
export function ownOptions(command: Command): Readonly<Record<string, OptionSpec>> {
  return {
    ...command.options,
    ...(command.writes ? { dryRun: DRY_RUN } : {}),
    ...(command.fetches ? { fetch: FETCH } : {}),
  };
}

/** `keepWorkspace` as it is typed: `--keep-workspace`. */
export function longName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The placeholder of an option's value in help; empty for a flag. */
export function valueName(spec: OptionSpec): string {
  if (spec.type === "flag") return "";
  return spec.choices?.join("|") ?? spec.value ?? (spec.type === "seconds" ? "S" : "TEXT");
}

import type { Berth, OpenOptions } from "../open.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Page } from "./style.ts";
import type { Terminal } from "./terminal.ts";

/** One verb as plain data: parsing, help, completion and the reference page are all made from it. */
export interface Command {
  /** What stands after the verb, in order. */
  readonly arguments: Readonly<Record<string, ArgumentSpec>>;
  /** Keys in camelCase; `keepWorkspace` is spelled `--keep-workspace`. */
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Verbs that write take `--dry-run`. */
  readonly writes: boolean;
  /** Verbs that read what was last fetched take `--fetch`. */
  readonly fetches: boolean;
  /** More than the summary says: paragraphs. */
  readonly details: readonly string[];
  readonly examples: readonly Example[];
  readonly run: (invocation: Invocation) => Promise<Result>;
}

export interface Example {
  readonly says: string;
  readonly line: string;
}

interface ValueSpec {
  readonly summary: string;
  /** The only values there are. */
  readonly choices?: readonly string[];
  /** What the shell offers when completing. */
  readonly completes?: Completion;
  /** Free text: `-` stands for standard input. */
  readonly prose?: true;
}

export interface ArgumentSpec extends ValueSpec {
  readonly required?: true;
  /** Takes all that follows. */
  readonly repeatable?: true;
}

export interface OptionSpec extends ValueSpec {
  /** `seconds` are given as a number and arrive in milliseconds. */
  readonly type: "flag" | "text" | "seconds";
  /** The word for the value in help. */
  readonly value?: string;
  readonly short?: string;
  readonly required?: true;
  readonly repeatable?: true;
}

/** Sessions in any of these states, tickets (of these statuses), verbs of the program, or paths. */
export type Completion =
  | { readonly kind: "sessions"; readonly states: readonly SessionState[] }
  | { readonly kind: "tickets"; readonly statuses: readonly string[] }
  | { readonly kind: "verbs" | "files" | "folders" };

/** The states of a session, as `--state` takes them. */
export const SESSION_STATES = ["drafting", "planned", "active", "completed", "abandoned"] as const;
export type SessionState = (typeof SESSION_STATES)[number];

/** How a project is opened for a caller of the command line. */
export type Opening = OpenOptions & Required<Pick<OpenOptions, "env" | "program">>;

/** What `run` is given: the call, checked and converted. */
export interface Invocation<Arguments = Readonly<Record<string, never>>, Options = Readonly<Record<string, never>>> {
  readonly args: Arguments;
  readonly options: Options;
  readonly dryRun: boolean;
  readonly fetch: boolean;
  /** Whether a person may be asked: a terminal, and no `--no-input`. */
  readonly interactive: boolean;
  /** Whether nothing is to be shown for people while it runs. */
  readonly quiet: boolean;
  /** Whether a program reads what is printed. */
  readonly json: boolean;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** The folder to act in; throws when it was removed meanwhile. */
  readonly folder: () => string;
  readonly opening: Opening;
  /** The project around the folder, opened at the first call. */
  readonly open: () => Promise<Berth>;
  /** Prints one JSON line now, for a verb that goes on; false once nobody reads any more. */
  readonly printLine: (data: object) => Promise<boolean>;
  /** Takes the progress line away, before something else uses the terminal. */
  readonly clearProgress: () => void;
}

/** What a verb answers. Nothing is printed by the verb itself. */
export interface Result {
  /** The fields of the JSON document, besides `schemaVersion`; null for a verb that printed lines while it ran. */
  readonly data: object | null;
  /** The same for people, on standard output. */
  readonly text: (page: Page) => string;
  /** What `--quiet` leaves of the text: the one value a script wants, or nothing. Without it, all of the text. */
  readonly brief?: string;
  /** Remarks for people, on standard error. */
  readonly notes?: readonly string[];
  readonly exitCode?: ExitCode;
  /** What is to be done once all of it is printed, and only then. */
  readonly printed?: () => Promise<unknown>;
  /** What is to be done where it could not be printed. */
  readonly unprinted?: () => Promise<unknown>;
}

type Text<Spec> = Spec extends { readonly choices: readonly (infer Choice extends string)[] } ? Choice : string;
type Single<Spec> = Spec extends { readonly type: "flag" }
  ? boolean
  : Spec extends { readonly type: "seconds" }
    ? number
    : Text<Spec>;
type Value<Spec> = Spec extends { readonly repeatable: true }
  ? readonly Single<Spec>[]
  : Spec extends { readonly type: "flag" } | { readonly required: true }
    ? Single<Spec>
    : Single<Spec> | undefined;
type Values<Specs> = { readonly [Key in keyof Specs]: Value<Specs[Key]> };

type NoValues = Readonly<Record<string, never>>;

interface CommandDescription<Arguments, Options> {
  readonly arguments?: Arguments;
  readonly options?: Options;
  readonly writes?: true;
  readonly fetches?: true;
  readonly details?: readonly string[];
  readonly examples: readonly Example[];
  readonly run: (invocation: Invocation<Values<Arguments>, Values<Options>>) => Promise<Result>;
}

/** Makes a command whose `run` sees exactly the arguments and options that it declares. */
export function defineCommand<
  const Arguments extends Readonly<Record<string, ArgumentSpec>> = NoValues,
  const Options extends Readonly<Record<string, OptionSpec>> = NoValues,
>(command: CommandDescription<Arguments, Options>): Command {
  return {
    arguments: command.arguments ?? {},
    options: command.options ?? {},
    writes: command.writes ?? false,
    fetches: command.fetches ?? false,
    details: command.details ?? [],
    examples: command.examples,
    // The parser fills in exactly what the two tables declare, which the type of `Command` no longer says.
    run: command.run as Command["run"],
  };
}

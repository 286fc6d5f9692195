import { ownProgram } from "../machine.ts";
import type { Berth } from "../open.ts";
import { answer, type Manner, writeLine } from "./answer.ts";
import { callerName } from "./caller.ts";
import type { Command, Opening, Result } from "./command.ts";
import { convert } from "./convert.ts";
import type { ExitCode } from "./exit-code.ts";
import { directoryOf } from "./directory.ts";
import { type Globals, type Head, readCall, readHead } from "./parse.ts";
import { showProgress } from "./progress-line.ts";
import { findVerb, type VerbEntry } from "./registry.ts";
import { isLive } from "./style.ts";
import type { Terminal } from "./terminal.ts";

/** Runs one call of the program to its end. Never throws; everything that is printed is printed here. */
export async function runProgram(args: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<ExitCode> {
  if (args[0] === "__complete") {
    const { completeWords } = await import("./completion/complete-words.ts");
    return completeWords(args.slice(args[1] === "--" ? 2 : 1), terminal, signal);
  }
  // Until the call is understood, an error is still told in the manner it asks for.
  let manner: Manner = { json: namesOption(args, "--json"), quiet: namesOption(args, "--quiet") };
  try {
    const head = readHead(args);
    const verb = findVerb(head.words);
    if (verb === undefined) return await answer(terminal, manner, await withoutVerb(head));
    const { command } = await verb.load();
    const width = verb.name.split(" ").length;
    const call = readCall([...args.slice(0, head.at), ...args.slice(head.at + width)], command, verb.name);
    manner = call.globals;
    if (call.globals.help) return await answer(terminal, manner, await helpOf(verb, command));
    return await runVerb(verb, command, call, terminal, signal);
  } catch (error) {
    const { refuse } = await import("./failure.ts");
    return refuse(terminal, manner, error, signal);
  }
}

function namesOption(args: readonly string[], name: string): boolean {
  const end = args.indexOf("--");
  return (end < 0 ? args : args.slice(0, end)).includes(name);
}

async function withoutVerb(head: Head): Promise<Result> {
  if (head.version) return (await import("./version.ts")).versionResult();
  const { overview, unknownVerb } = await import("./help-text.ts");
  if (head.words.length > 0) throw unknownVerb(head.words);
  return overview();
}

async function helpOf(verb: VerbEntry, command: Command): Promise<Result> {
  const { verbHelp } = await import("./help-text.ts");
  return verbHelp(verb, command);
}

async function runVerb(
  verb: VerbEntry,
  command: Command,
  call: ReturnType<typeof readCall>,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { globals } = call;
  const agent = callerName(globals.agent, terminal.env);
  let named: string | undefined;
  // Looked up once: a verb may take the folder away that it was called in.
  const folder = (): string => (named ??= directoryOf(terminal, globals.directory));
  const { args, options } = await convert(command, call, terminal, signal);
  const progress = showProgress(terminal, globals.quiet);
  const opening: Opening = {
    env: terminal.env,
    program: ownProgram(),
    signal,
    progress: progress.report,
    beats: true,
    first: verb.name,
    ...(agent === undefined ? {} : { agent }),
  };
  let opened: Promise<Berth> | undefined;
  const open = (): Promise<Berth> => {
    opened ??= import("../open.ts").then(({ openBerth }) => openBerth(folder(), opening));
    return opened;
  };
  try {
    signal.throwIfAborted();
    const result = await command.run({
      args,
      options,
      dryRun: call.options["dryRun"] === true,
      fetch: call.options["fetch"] === true,
      get interactive() {
        return mayAsk(terminal, globals);
      },
      quiet: globals.quiet,
      json: globals.json,
      terminal,
      signal,
      folder,
      opening,
      open,
      printLine: (data) => writeLine(terminal, data),
      clearProgress: progress.clear,
    });
    progress.end();
    // While the project is open: some have something to do once it is printed.
    return await answer(terminal, globals, result);
  } finally {
    progress.end();
    await opened?.then(
      (berth) => berth.close(),
      () => undefined,
    );
  }
}

/** Whether there is a person to ask, who has not said that nothing is to be asked. */
function mayAsk(terminal: Terminal, globals: Globals): boolean {
  return terminal.stdin.isTTY === true && isLive(terminal.stderr, terminal.env) && !globals.noInput && !globals.json;
}

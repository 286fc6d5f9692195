import type { Berth } from "../../open.ts";
import type { Command, Completion, OptionSpec, SessionState } from "../command.ts";
import type { ExitCode } from "../exit-code.ts";
import { GLOBAL_OPTIONS, longName, ownOptions } from "../global-options.ts";
import { directoryOf } from "../directory.ts";
import { findVerb, visibleVerbs } from "../registry.ts";
import type { Terminal } from "../terminal.ts";
import { plain } from "../text.ts";

/** One thing the shell may offer, with a word on what it is. */
interface Candidate {
  readonly value: string;
  readonly summary: string;
}

/** Candidates, or the shell's own completion of paths. */
type Offer = readonly Candidate[] | "files" | "folders";

/** How long the ledger may take; a shell that waits longer feels broken. */
const PATIENCE_MS = 1500;

/**
 * Answers a completion script: one candidate a line, value and summary with a tab between them, or `:files` and
 * `:folders` for what the shell completes itself. Never fails and never says anything else: whatever goes wrong,
 * there is just nothing to offer.
 * @param words what stands after the program's name; the last one is being typed
 */
export async function completeWords(
  words: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  try {
    const offer = await offerFor(joinAssignments(words), {
      sessions: (states, directory) => sessionsIn(terminal, signal, states, directory),
      tickets: (statuses, directory) => ticketsIn(terminal, signal, statuses, directory),
    });
    if (typeof offer === "string") terminal.stdout.write(`:${offer}\n`);
    else for (const { value, summary } of offer) terminal.stdout.write(`${value}\t${plain(summary)}\n`);
  } catch {
    // The person is in the middle of typing: an error message there would only tear the line apart.
  }
  return 0;
}

/** bash takes `--state=planned` apart at the sign; the other shells do not. */
function joinAssignments(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (const [at, word] of words.entries()) {
    const previous = joined.at(-1);
    const assigns = previous?.startsWith("--") === true && (word === "=" || words[at - 1] === "=");
    if (assigns) joined[joined.length - 1] = previous + word;
    else joined.push(word);
  }
  return joined;
}

/** What is there to be named, in the project of a directory. */
interface Sources {
  readonly sessions: (states: readonly SessionState[], directory: string | undefined) => Promise<readonly Candidate[]>;
  readonly tickets: (statuses: readonly string[], directory: string | undefined) => Promise<readonly Candidate[]>;
}

/** What may stand where the last word is. */
async function offerFor(words: readonly string[], sources: Sources): Promise<Offer> {
  const before = words.slice(0, -1);
  const current = words.at(-1) ?? "";
  const typed = readTyped(before, GLOBAL_OPTIONS);
  const verb = findVerb(typed.positionals);
  const command = verb === undefined ? undefined : (await verb.load()).command;
  const options = { ...GLOBAL_OPTIONS, ...(command === undefined ? {} : ownOptions(command)) };
  const call = readTyped(before, options);
  const spot = {
    words: call.positionals.slice(verb?.name.split(" ").length ?? 0),
    directory: call.directory,
    sources,
  };
  if (call.pending !== undefined) return narrowed(await valuesOf(call.pending, spot), current);
  if (current.startsWith("--") && current.includes("=")) {
    const cut = current.indexOf("=") + 1;
    const spec = Object.entries(options).find(([key]) => longName(key) === current.slice(0, cut - 1))?.[1];
    const offer = spec === undefined ? [] : await valuesOf(spec, spot);
    if (typeof offer === "string") return offer;
    return narrowed(
      offer.map(({ value, summary }) => ({ value: current.slice(0, cut) + value, summary })),
      current,
    );
  }
  if (current.startsWith("-") && !call.ended) return narrowed(optionCandidates(options, call.used), current);
  if (command === undefined) return narrowed(nextWords(typed.positionals), current);
  const specs = Object.values(command.arguments);
  const spec =
    specs[call.positionals.length - (verb?.name.split(" ").length ?? 0)] ??
    specs.find((one) => one.repeatable === true);
  const offer = spec === undefined ? [] : await valuesOf(spec, spot);
  return narrowed(offer, current);
}

function narrowed(offer: Offer, current: string): Offer {
  return typeof offer === "string" ? offer : offer.filter(({ value }) => value.startsWith(current));
}

/** Verbs, or the second words of those that begin with the first. */
function nextWords(given: readonly string[]): Candidate[] {
  const seen = new Map<string, Candidate>();
  for (const { name, summary } of visibleVerbs()) {
    const parts = name.split(" ");
    const value = parts[given.length];
    if (value === undefined || given.some((word, at) => word !== parts[at])) continue;
    if (!seen.has(value)) seen.set(value, { value, summary });
  }
  return [...seen.values()];
}

function optionCandidates(options: Readonly<Record<string, OptionSpec>>, used: ReadonlySet<string>): Candidate[] {
  return Object.entries(options)
    .filter(([key, spec]) => spec.repeatable === true || !used.has(key))
    .map(([key, spec]) => ({ value: longName(key), summary: spec.summary }));
}

async function valuesOf(
  spec: { readonly choices?: readonly string[]; readonly completes?: Completion },
  spot: { readonly words: readonly string[]; readonly directory: string | undefined; readonly sources: Sources },
): Promise<Offer> {
  if (spec.choices !== undefined) return spec.choices.map((value) => ({ value, summary: "" }));
  const { completes } = spec;
  if (completes === undefined) return [];
  if (completes.kind === "sessions") return spot.sources.sessions(completes.states, spot.directory);
  if (completes.kind === "tickets") return spot.sources.tickets(completes.statuses, spot.directory);
  if (completes.kind === "verbs") return nextWords(spot.words);
  return completes.kind;
}

/** What has been typed so far, read without complaint. */
function readTyped(
  words: readonly string[],
  options: Command["options"],
): {
  readonly positionals: readonly string[];
  readonly used: ReadonlySet<string>;
  readonly directory: string | undefined;
  /** The option whose value comes next. */
  readonly pending: OptionSpec | undefined;
  /** `--` was given: no options follow. */
  readonly ended: boolean;
} {
  const positionals: string[] = [];
  const used = new Set<string>();
  let directory: string | undefined;
  let pending: readonly [string, OptionSpec] | undefined;
  let ended = false;
  for (const word of words) {
    if (pending !== undefined) {
      if (pending[0] === "directory") directory = word;
      pending = undefined;
    } else if (ended || !word.startsWith("-") || word === "-") positionals.push(word);
    else if (word === "--") ended = true;
    else {
      const found = Object.entries(options).find(([key, { short }]) => word === longName(key) || word === `-${short}`);
      if (found !== undefined) used.add(found[0]);
      if (found !== undefined && found[1].type !== "flag") pending = found;
    }
  }
  return { positionals, used, directory, pending: pending?.[1], ended };
}

async function sessionsIn(
  terminal: Terminal,
  signal: AbortSignal,
  states: readonly SessionState[],
  directory: string | undefined,
): Promise<readonly Candidate[]> {
  return inProject(terminal, signal, directory, async (berth) => {
    const { sessions } = await berth.list({ states, all: false, fetch: false });
    return sessions.map(({ id, title }) => ({ value: id, summary: title }));
  });
}

async function ticketsIn(
  terminal: Terminal,
  signal: AbortSignal,
  statuses: readonly string[],
  directory: string | undefined,
): Promise<readonly Candidate[]> {
  return inProject(terminal, signal, directory, async (berth) => {
    const { tickets } = await berth.ticketList({ statuses });
    // One that went apart on two branches is there twice.
    return [...new Map(tickets.map(({ ticket, title }) => [ticket, { value: ticket, summary: title }])).values()];
  });
}

async function inProject<T>(
  terminal: Terminal,
  signal: AbortSignal,
  directory: string | undefined,
  work: (berth: Berth) => Promise<T>,
): Promise<T> {
  const { openBerth } = await import("../../open.ts");
  const berth = await openBerth(directoryOf(terminal, directory), {
    env: terminal.env,
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
  });
  try {
    return await work(berth);
  } finally {
    berth.close();
  }
}

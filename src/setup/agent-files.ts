import { readFile, realpath, rm, rmdir } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { requireInside } from "../disk/inside.ts";
import { type FileText, readBytes, replaceText, textHash } from "../disk/text-file.ts";
import { BerthError, isBerthError } from "../errors.ts";
import { homeDir, type Project, scratchDir, stateDir } from "../project.ts";
import { withMutex } from "../store/mutex.ts";
import { AGENT_CLIENTS, type AgentClient, type AgentName, type JsonFile, type OwnFile } from "./agents/entries.ts";
import { withEntries, withoutEntries } from "./agents/json-entries.ts";
import { AGENTS_SECTION, CLAUDE_IMPORT, type TextBlock, withBlock, withoutBlock } from "./agents/text-block.ts";

export interface AgentFile {
  readonly path: string;
  readonly change: "made" | "changed" | "none";
  /** What it gets, in words. */
  readonly adds: readonly string[];
}

type Planned = JsonFile | OwnFile | (TextBlock & { readonly kind: "text" });

/** A file as it is, and as it is to be: null for none. */
interface Step {
  readonly path: string;
  readonly was: FileText;
  readonly next: string | null;
  /** What it was before Berth wrote anything into it, as far as its text tells. */
  readonly bare: string | null;
  readonly what: readonly string[];
}

/** What each file was before `init --agent`, so that `uninit` can bring back its very bytes. */
type Before = Readonly<Record<string, { readonly before: string | null; readonly after: string }>>;

/**
 * Writes into the files of agent clients what calls Berth: hooks, its MCP server, and a section of AGENTS.md. All of it
 * is planned before the first file is written; what is there stays as it is, to the byte.
 * @throws BerthError INVALID with file and line when a file cannot be read; nothing is changed then
 */
export async function setUpAgents(
  project: Project,
  input: { readonly agents: readonly AgentName[]; readonly dryRun?: boolean },
): Promise<{ readonly files: readonly AgentFile[]; readonly next: readonly string[] }> {
  const clients = [...new Set(input.agents)].map((name): AgentClient => AGENT_CLIENTS[name]);
  const wanted = merged([...clients.flatMap(({ files }) => files), ...TEXTS]);
  const plan = (): Promise<Step[]> => eachStep(wanted, (file) => findFile(project, file), added);
  const steps = input.dryRun ? await plan() : await inTurn(project, () => apply(project, plan));
  const files = steps.map(({ path, was, next, what }): AgentFile => {
    const change = next === was.text ? "none" : was.text === null ? "made" : "changed";
    return { path, change, adds: what };
  });
  return {
    files: files.filter(({ path, change }) => change !== "none" || path !== CLAUDE_IMPORT.path),
    next: clients.flatMap(({ next }) => next),
  };
}

const TEXTS: readonly Planned[] = [
  { kind: "text", ...AGENTS_SECTION },
  { kind: "text", ...CLAUDE_IMPORT },
];

/** Takes it out of all files again, as `uninit` does. @returns the files, with what goes from them */
export async function clearAgents(
  project: Project,
  input: { readonly dryRun?: boolean },
): Promise<readonly { readonly path: string; readonly gone: boolean }[]> {
  const all: readonly AgentClient[] = Object.values(AGENT_CLIENTS);
  const wanted = merged([...all.flatMap(({ files }) => files), ...TEXTS]);
  const before = await readBefore(project);
  // What Berth would never have written into has nothing to give back.
  const find: Find = (file) => findFile(project, file).catch(orNone);
  const plan = (): Promise<Step[]> => eachStep(wanted, find, (...given) => cleared(before, ...given));
  const steps = input.dryRun ? await plan() : await inTurn(project, () => write(project, plan, () => undefined));
  return steps.filter(({ was, next }) => next !== was.text).map(({ path, next }) => ({ path, gone: next === null }));
}

/** One file for each path, as clients share some of them. */
function merged(files: readonly Planned[]): Planned[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

function inTurn<T>(project: Project, work: () => Promise<T>): Promise<T> {
  const options = { clock: project.clock, waitMs: 30_000, what: "the files of agent clients" };
  return withMutex(join(stateDir(project), "agent-files.lock"), options, work);
}

type Plan = (file: Planned, path: string, was: FileText) => Promise<Omit<Step, "path" | "was">>;

type Find = (file: Planned) => Promise<{ path: string; was: FileText } | null>;

function orNone(error: unknown): null {
  if (isBerthError(error)) return null;
  throw error;
}

async function eachStep(files: readonly Planned[], find: Find, plan: Plan): Promise<Step[]> {
  const steps: Step[] = [];
  for (const file of files) {
    const found = await find(file);
    if (found === null || steps.some(({ path }) => path === found.path)) continue;
    steps.push({ ...found, ...(await plan(file, found.path, found.was)) });
  }
  return steps;
}

/** The file, or the one that stands for it. Null for a CLAUDE.md that is a link: what it leads to is told anyway. */
async function findFile(project: Project, file: Planned): Promise<{ path: string; was: FileText } | null> {
  const home = homeOf(project);
  const names = [...(file.kind === "json" ? (file.others ?? []) : []), file.path];
  for (const name of names) {
    const path = file.kind === "text" ? await linked(home, name) : name;
    if (path !== name && name === CLAUDE_IMPORT.path) return null;
    await requireInside(home, dirname(join(home, path)));
    const { bytes, ...was } = await readBytes(join(home, path), path, refused);
    if (bytes !== null || name === file.path) return { path, was: { ...was, text: bytes && decoded(bytes, path) } };
  }
  return null;
}

/** Where a link in the place of AGENTS.md or CLAUDE.md leads, from the top: one may stand for the other. */
async function linked(home: string, path: string): Promise<string> {
  const real = await realpath(join(home, path)).catch(() => null);
  return real === null
    ? path
    : relative(await realpath(home), real)
        .split(sep)
        .join("/");
}

function homeOf(project: Project): string {
  if (project.repository.mainTop !== null) return homeDir(project);
  throw new BerthError("INVALID", "This repository has no checkout, and agent clients read their files there.", {
    hint: "Run it in a clone with a checkout.",
  });
}

function decoded(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refused(path, "is no UTF-8 text");
  }
}

function refused(path: string, why: string): BerthError {
  return new BerthError("INVALID", `${path} ${why}, and nothing was written into it.`, {
    hint: `Put ${path} right or away, then run the same command again.`,
    facts: { file: path },
  });
}

async function added(file: Planned, path: string, { text }: FileText): Promise<Omit<Step, "path" | "was">> {
  const bare = await bareOf(file, path, text);
  if (file.kind === "json") {
    const { text: next, what } = withEntries(file, path, text);
    return { next: what.length === 0 ? text : next, bare, what };
  }
  const next = file.kind === "text" ? withBlock(file, text) : (text ?? (await ownText(file)));
  const what = next === text ? [] : [file.kind === "text" ? file.what : "all of it"];
  return { next, bare, what };
}

async function cleared(
  before: Before,
  file: Planned,
  path: string,
  { text }: FileText,
): Promise<Omit<Step, "path" | "was">> {
  const next = beforeOf(before, path, text, await bareOf(file, path, text));
  return { next, bare: next, what: [] };
}

/** What is known of a file that nobody has written since; else what its text tells. */
function beforeOf(known: Before, path: string, text: string | null, bare: string | null): string | null {
  const one = known[path];
  return text !== null && one?.after === textHash(text) ? one.before : bare;
}

/** The text without what Berth writes. What does not name Berth is not read any further: it may be damaged. */
async function bareOf(file: Planned, path: string, text: string | null): Promise<string | null> {
  if (text?.includes("berth") !== true) return text;
  if (file.kind === "json") return withoutEntries(file, path, text)?.text ?? null;
  if (file.kind === "text") return withoutBlock(file, text);
  return text === (await ownText(file)) ? null : text;
}

const assets = join(import.meta.dirname, "../../assets/agents");

function ownText({ asset }: OwnFile): Promise<string> {
  return readFile(join(assets, asset), "utf8");
}

function apply(project: Project, plan: () => Promise<Step[]>): Promise<Step[]> {
  return write(project, plan, async (steps) => {
    const known = await readBefore(project);
    const now = steps.flatMap(({ path, was, bare, next }) => {
      if (next === null) return [];
      return [[path, { before: beforeOf(known, path, was.text, bare), after: textHash(next) }] as const];
    });
    const file = beforeFile(project);
    const { mode, stamp } = await readBytes(file, file);
    const text = JSON.stringify({ ...known, ...Object.fromEntries(now) });
    await replaceText(file, text, { mode, stamp }, scratchDir(project));
  });
}

/** Writes what was planned; where somebody else has written a file meanwhile, it is planned again. */
async function write(
  project: Project,
  plan: () => Promise<Step[]>,
  first: (steps: readonly Step[]) => Promise<void> | undefined,
): Promise<Step[]> {
  const home = homeOf(project);
  const done = new Map<string, Step>();
  for (let attempt = 0; attempt < 5; attempt++) {
    const steps = await plan();
    const due = steps.filter(({ was, next }) => next !== was.text);
    if (due.length === 0) return steps.map((step) => done.get(step.path) ?? step);
    await first(due);
    for (const step of due) if (await put(project, home, step)) done.set(step.path, done.get(step.path) ?? step);
  }
  throw new BerthError("FAILED", "Somebody else writes the files of agent clients all the time.", {
    hint: "Run the same command again when nobody does.",
  });
}

async function put(project: Project, home: string, { path, was, next }: Step): Promise<boolean> {
  const file = join(home, path);
  if (next !== null) return replaceText(file, next, was, scratchDir(project));
  const now = await readBytes(file, path, refused);
  if (now.stamp !== was.stamp) return false;
  await rm(file, { force: true });
  // Folders that nothing else is in came with the file.
  for (let at = dirname(path); at !== "."; at = dirname(at)) await rmdir(join(home, at)).catch(() => undefined);
  return true;
}

function beforeFile(project: Project): string {
  return join(stateDir(project), "agent-files.json");
}

/** A record that is not there, or that nobody can read, is none: the texts themselves tell almost as much. */
async function readBefore(project: Project): Promise<Before> {
  const text = await readFile(beforeFile(project), "utf8").catch(() => "{}");
  try {
    return JSON.parse(text) as Before;
  } catch {
    return {};
  }
}

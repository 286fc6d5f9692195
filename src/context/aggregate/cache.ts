import { close, fstatSync, openSync, read } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Oid } from "../../git/names.ts";
import type { TreeChanges } from "../../git/tree-diff.ts";
import { type Project, scratchDir, stateDir } from "../../project.ts";
import { statusOf, WORK_STATUS } from "../status-word.ts";
import {
  type Pivot,
  pivotOf,
  printPivot,
  printRemembered,
  readPivot,
  readRemembered,
  type Remembered,
} from "./pivot.ts";
import type { Row } from "./row.ts";
import type { Places } from "./tips.ts";

/**
 * What was found out of objects, by their names, none of which ever means anything else: the file may be deleted at any
 * time, and what nothing asks for any more is left out when it is written again.
 */
export interface Memory {
  readonly pivot: Pivot;
  /** What other folders of tickets have in place of the pivot's. */
  readonly changes: Map<Oid, TreeChanges>;
  readonly places: Map<Oid, Places>;
  /** `COMMIT COMMIT` to their best common ancestor. */
  readonly forks: Map<string, Oid | null>;
  /** Which versions have stood on the base, as of a commit of it: see `rememberStood`. */
  readonly stood: { at: Oid | null; known: ReadonlyMap<string, boolean> };
  /** Where the history was cut off when all that was found out of it; empty where it is whole. */
  readonly shallow: string;
  /** What is no ticket of the pivot. */
  readonly others: Map<Oid, Remembered>;
}

const NAME = "berth-contexts 2";

export function emptyMemory(shallow: string): Memory {
  return {
    pivot: pivotOf(null, new Map()),
    changes: new Map(),
    places: new Map(),
    forks: new Map(),
    stood: { at: null, known: new Map() },
    shallow,
    others: new Map(),
  };
}

/** A row as one line: the words that are asked for most, then the rest. */
export function rowLine(row: Row): string {
  const words = [statusWord(row.status), row.phase, row.mode, row.agent, row.priority, row.issue];
  const todos = row.todos.map(({ id, content, status }) => [id, content, status]);
  const { title, status, operator, updated, blockers, checklist, problem } = row;
  const rest = [title, status, operator, updated, blockers, todos, checklist, problem];
  return [...words.map((text) => text.replaceAll(/[\t\n\r]/g, " ")), JSON.stringify(rest)].join("\t");
}

type Rest = readonly [
  title: string,
  status: string,
  operator: string,
  updated: string,
  blockers: readonly string[],
  todos: readonly (readonly [string, string, string])[],
  checklist: Row["checklist"],
  problem: string | null,
];

export function parseRow(line: string): Row {
  const [, phase = "", mode = "", agent = "", priority = "", issue = "", ...json] = line.split("\t");
  const rest = JSON.parse(json.join("\t")) as Rest;
  const [title, status, operator, updated, blockers, list, checklist, problem] = rest;
  const todos = list.map(([id, content, its]) => ({ id, content, status: its }));
  return {
    title,
    status,
    phase,
    mode,
    agent,
    operator,
    priority,
    issue,
    updated,
    blockers,
    todos,
    checklist,
    problem,
  };
}

/** A status as it is compared. */
export function statusWord(text: string): string {
  return statusOf(WORK_STATUS, text) ?? text.trim().toLowerCase();
}

interface Header {
  readonly at: string;
  readonly pivot: Oid | null;
  readonly changes: readonly (readonly [Oid, readonly (readonly [string, Oid | null])[]])[];
  readonly places: readonly (readonly [Oid, Places])[];
  readonly forks: readonly (readonly [string, Oid | null])[];
  readonly base: Oid | null;
  readonly stood: readonly (readonly [string, boolean])[];
  readonly shallow: string;
}

/** Most of it hardly ever changes: what does is a file of its own, which is quickly written. */
function filesOf(project: Pick<Project, "repository">): { readonly pivot: string; readonly rest: string } {
  const folder = join(stateDir(project), "cache");
  return { pivot: join(folder, "tickets"), rest: join(folder, "tickets-changed") };
}

/** Where contexts are follows from the settings: with other ones nothing that is remembered counts. */
function settingsOf({ config, repository }: Pick<Project, "config" | "repository">): string {
  return [config.context.tickets, config.context.central, repository.objectFormat].join("\n");
}

/** The commits behind which a shallow clone has nothing, as git keeps them; empty for a whole history. */
export async function shallowOf({ repository }: Pick<Project, "repository">): Promise<string> {
  return readFile(join(repository.commonDir, "shallow"), "utf8").catch(() => "");
}

/** The files of what was remembered, as they are; null where one is missing. */
export type Files = Promise<readonly [pivot: Buffer, rest: Buffer] | null>;

/** Begins to read what was remembered: large files, which come while git is started. */
export function readFiles(project: Pick<Project, "repository">): Files {
  const files = filesOf(project);
  return Promise.all([bytesOf(files.pivot), bytesOf(files.rest)]).catch(() => null);
}

/** All of a file, read in one step: of a large one each step would wait for what else goes on. */
async function bytesOf(file: string): Promise<Buffer> {
  const opened = openSync(file, "r");
  try {
    const bytes = Buffer.allocUnsafeSlow(fstatSync(opened).size);
    return await new Promise((resolve, reject) => {
      read(opened, bytes, 0, bytes.length, 0, (error, length) => {
        // One that was cut off meanwhile does not fit its seal.
        if (error) reject(error);
        else resolve(bytes.subarray(0, length));
      });
    });
  } finally {
    close(opened);
  }
}

/**
 * What was remembered; null where there is nothing, or not what was written. A commit keeps its name while more of what
 * came before it is fetched: what was found out of a history that was cut off elsewhere does not count.
 */
export async function loadMemory(project: Project, reading: Files, shallow: string): Promise<Memory | null> {
  const files = await reading;
  if (files === null) return null;
  try {
    const pivot = readPivot(openSealed(files[0]));
    const [header = "", ...others] = openSealed(files[1]).split("\n");
    const { at, pivot: tree, changes, places, ...history } = JSON.parse(header) as Header;
    if (at !== settingsOf(project) || tree !== pivot.tree) return null;
    const isSame = history.shallow === shallow;
    return {
      pivot,
      changes: new Map(changes.map(([of, entries]) => [of, new Map(entries)])),
      places: new Map(places),
      forks: new Map(isSame ? history.forks : []),
      stood: { at: isSame ? history.base : null, known: new Map(isSame ? history.stood : []) },
      shallow,
      others: new Map(others.map(readRemembered).map(([, one]) => [one.object, one])),
    };
  } catch {
    // Damaged, or of two moments: it is made again from the objects.
    return null;
  }
}

/** The text of a file that is whole. @throws Error where it is not */
function openSealed(bytes: Buffer): string {
  const end = bytes.indexOf(10);
  if (bytes.toString("latin1", 0, end) !== sealOf(bytes.subarray(end + 1))) throw new Error("A file is damaged.");
  return bytes.toString("utf8", end + 1);
}

function sealOf(body: Uint8Array): string {
  return `${NAME} ${process.getBuiltinModule("node:zlib").crc32(body)}`;
}

/** Writes what was found out, each file at once: of two processes that do, the later one counts. */
export async function storeMemory(
  project: Project,
  memory: Memory,
  { pivotToo }: { readonly pivotToo: boolean },
): Promise<void> {
  const header: Header = {
    at: settingsOf(project),
    pivot: memory.pivot.tree,
    changes: [...memory.changes].map(([tree, entries]) => [tree, [...entries]] as const),
    places: [...memory.places],
    forks: [...memory.forks],
    base: memory.stood.at,
    stood: [...memory.stood.known],
    shallow: memory.shallow,
  };
  const files = filesOf(project);
  const others = [...memory.others.values()].map((one) => printRemembered("", one));
  try {
    if (pivotToo) await writeSealed(project, files.pivot, printPivot(memory.pivot));
    await writeSealed(project, files.rest, [JSON.stringify(header), ...others].join("\n"));
  } catch {
    // A read-only git directory costs only the memory.
  }
}

async function writeSealed(project: Project, file: string, text: string): Promise<void> {
  const body = Buffer.from(text);
  // Nothing secret: what makes random names that nobody guesses is dear to load.
  const part = join(scratchDir(project), `${basename(file)}-${process.pid}-${Math.random().toString(36).slice(2)}`);
  const write = async (): Promise<void> => {
    await writeFile(part, Buffer.concat([Buffer.from(`${sealOf(body)}\n`), body]));
    await rename(part, file);
  };
  try {
    // Mostly both folders are there.
    await write().catch(async () => {
      for (const folder of [dirname(part), dirname(file)]) await mkdir(folder, { recursive: true });
      await write();
    });
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

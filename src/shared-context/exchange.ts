import { isoSeconds } from "../clock.ts";
import { isJsonList, isJsonMap, type Json, type JsonMap, ownValue, setOwn } from "../document/json.ts";
import { lookRound } from "../coordination/agent/agents.ts";
import { readTasks } from "../coordination/task/task.ts";
import { readHolds } from "../coordination/lock/hold.ts";
import { readCheckedJson } from "../document/checked-json.ts";
import { BerthError, isBerthError } from "../errors.ts";
import type { Project } from "../project.ts";
import { policies } from "./policies.ts";
import { documentAt, firstKept, hashAt, readHead, readVersions } from "./version.ts";
import { lastRead } from "./last-read.ts";
import { tellWriters } from "./tell.ts";
import { write } from "./write.ts";
import type { Reading } from "../store/store.ts";
import { openConflicts } from "./conflict.ts";

/** The seed's format of `shared_context.json`, in its spelling. [XCS-07] */
const FORMAT = "2.0.0";
const KEPT_VERSIONS = 50;

/** The shared context as the seed's file: project, agents as `sessions`, `shared_knowledge`, the last versions. */
export async function sharedExport(
  project: Project,
  _input: Readonly<Record<string, never>> = {},
): Promise<{ context: JsonMap }> {
  const store = await project.store.open();
  const agents = await lookRound(project);
  return store.read(async (tx) => {
    const head = await readHead(tx);
    const document = await documentAt(tx, store.place);
    const holds = await readHolds(tx);
    const tasks = (await readTasks(tx, false)).filter(({ status }) => status === "assigned");
    const sessions = agents.map((agent) => ({
      session_id: agent.id,
      agent_id: agent.client,
      role: agent.role,
      status: agent.state === "live" ? "active" : agent.state,
      registered_at: agent.registeredAt,
      last_heartbeat: agent.beatAt,
      current_task: tasks.find((task) => task.agent === agent.id)?.id ?? agent.task,
      locked_files: holds.filter((hold) => hold.agent === agent.id).map(({ path }) => path),
      context_hash: head.hash,
    }));
    const versions = await readVersions(tx, Math.max(0, head.version - KEPT_VERSIONS), head.version);
    const open = await openConflicts(tx);
    const { rest, knowledge } = apart(isJsonMap(document) ? document : {});
    const context: Record<string, Json> = {};
    for (const [key, value] of Object.entries(rest)) setOwn(context, key, value);
    return {
      context: {
        ...context,
        project: project.config.project ?? "local",
        version: FORMAT,
        updated_at: isoSeconds(tx.now),
        sessions,
        shared_knowledge: { ...knowledge, open_conflicts: open.map(({ path }) => path) },
        context_versions: versions.map(({ version, at, agent, message, hash }) => ({
          version,
          timestamp: at,
          session_id: agent,
          changes: message ?? "",
          hash,
        })),
        version_number: head.version,
      },
    };
  });
}

/** What an export adds by itself, and an import therefore does not take for content. */
const MADE = new Set([
  "project",
  "version",
  "updated_at",
  "sessions",
  "context_versions",
  "version_number",
  "shared_knowledge",
]);

/** Keys that an import found beside the knowledge are kept under this one, and come out again where they were. */
const BESIDE = "_beside";

function apart(document: JsonMap): { rest: JsonMap; knowledge: JsonMap } {
  const beside = ownValue(document, BESIDE);
  const knowledge: Record<string, Json> = {};
  for (const [key, value] of Object.entries(document)) if (key !== BESIDE) setOwn(knowledge, key, value);
  return { rest: isJsonMap(beside) ? beside : {}, knowledge };
}

/**
 * Takes a `shared_context.json` of the seed over: what is under `shared_knowledge` becomes the document (merged with
 * what is there), other keys are kept. An export of this document is merged from the version that it was made of; what
 * comes from elsewhere replaces what is there. Its sessions and locks are of their time, and are not revived.
 * @param input.agent who writes it; a file of elsewhere then starts from what that one has read
 * @param input.whole an export that comes back is all that there is to be: what it lacks was removed
 * @throws BerthError INVALID for anything but such a file, and where what is there is no map; NOT_FOUND for an export of this
 * document whose version is not kept any more
 */
export async function sharedImport(
  project: Project,
  input: { readonly text: string; readonly agent?: string | undefined; readonly whole?: boolean | undefined },
): Promise<{ version: number; hash: string; conflicts: number; passedOver: readonly string[] }> {
  const given = parse(input.text);
  const agent = input.agent ?? project.caller.name;
  const store = await project.store.open();
  return store.write(async (tx) => {
    const head = await readHead(tx);
    const own = await ownBase(tx, given, head.version);
    // Who says for whom he writes starts from what that one has read; a file of elsewhere has no base here.
    const base =
      own ??
      (input.agent === undefined ? head.version : await lastRead(tx, store.place, { agent: input.agent, path: [] }));
    const isSeen = own !== null || input.agent !== undefined;
    requireMap(await documentAt(tx, store.place));
    const before = requireMap(await documentAt(tx, store.place, base));
    const value = imported(before, given, input.whole === true && own !== null);
    const wish = { agent, base, path: [], value, message: "Imported", policyAt: policies(project), isSeen };
    const written = await write(tx, store.place, wish);
    await tellWriters(tx, wish, written);
    const { version, hash, conflicts } = written;
    const passedOver = ["sessions", "context_versions"].filter((key) => ownValue(given, key) !== undefined);
    return { version, hash, conflicts: conflicts.length, passedOver };
  });
}

/**
 * The version that an export of this very document was made of; null for a file of elsewhere.
 * @throws BerthError NOT_FOUND where that version is not kept any more: as a file of elsewhere it would put back all that
 * was changed since [INV-7]
 */
async function ownBase(tx: Reading, given: JsonMap, newest: number): Promise<number | null> {
  const version = ownValue(given, "version_number");
  const listed = ownValue(given, "context_versions");
  if (typeof version !== "number" || !Number.isSafeInteger(version) || !isJsonList(listed)) return null;
  if (version === 0) return listed.length === 0 ? 0 : null;
  const kept = await hashAt(tx, version);
  if (kept === undefined && version > 0 && version <= newest) throw baseGone(version, await firstKept(tx), newest);
  const made = listed.find((one) => isJsonMap(one) && ownValue(one, "version") === version);
  const hash = isJsonMap(made) ? ownValue(made, "hash") : undefined;
  return hash !== undefined && hash === kept ? version : null;
}

function baseGone(version: number, oldest: number, newest: number): BerthError {
  const why = `This export was made of version ${version}, which is no longer kept: what was changed since cannot be told.`;
  return new BerthError("NOT_FOUND", why, {
    hint: "Nothing was changed. Make your changes in a new one: berth shared export. If the file is of another shared context, take version_number out of it.",
    facts: { version, oldest, newest },
  });
}

/** A document with what a file gives. @param whole what the file lacks goes */
function imported(before: JsonMap, given: JsonMap, whole: boolean): Json {
  const knowledge = ownValue(given, "shared_knowledge") ?? {};
  if (!isJsonMap(knowledge))
    throw new BerthError("INVALID", "shared_knowledge is not a map.", {
      hint: "It must be one, as the export writes it.",
    });
  const was = apart(before);
  const document = joined(was.knowledge, knowledge, (key) => key !== "open_conflicts", whole);
  const rest = joined(was.rest, given, (key) => !MADE.has(key), whole);
  if (Object.keys(rest).length > 0) setOwn(document, BESIDE, rest);
  return document;
}

function joined(
  before: JsonMap,
  given: JsonMap,
  isTaken: (key: string) => boolean,
  whole: boolean,
): Record<string, Json> {
  const all: Record<string, Json> = {};
  for (const [key, value] of Object.entries(before))
    if (!whole || !isTaken(key) || ownValue(given, key) !== undefined) setOwn(all, key, value);
  for (const [key, value] of Object.entries(given)) if (isTaken(key)) setOwn(all, key, value);
  return all;
}

/** @throws BerthError INVALID */
function requireMap(document: Json | undefined): JsonMap {
  if (document === undefined) return {};
  if (isJsonMap(document)) return document;
  throw new BerthError("INVALID", "What is shared is no map as a whole, and would be lost.", {
    hint: 'Put it under a key of its own first: see it with: berth shared get, and write it with: berth shared set ""',
  });
}

function parse(text: string): JsonMap {
  try {
    const value = readCheckedJson(text);
    if (isJsonMap(value)) return value;
  } catch (error) {
    if (isBerthError(error)) throw error;
    throw new BerthError("INVALID", `This is not JSON: ${error instanceof Error ? error.message : String(error)}.`, {
      hint: "Nothing was changed. A torn file may be whole in its backup.",
    });
  }
  throw new BerthError("INVALID", "A shared context is a JSON map.", { hint: "Nothing was changed." });
}

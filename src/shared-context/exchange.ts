import { isoSeconds } from "../clock.ts";
import { isJsonMap, type Json, type JsonMap, ownValue, setOwn } from "../document/json.ts";
import { readAgents } from "../coordination/agent/agent.ts";
import { readHolds } from "../coordination/lock/hold.ts";
import { BerthError } from "../errors.ts";
import type { Project } from "../project.ts";
import { policies } from "./policies.ts";
import { documentAt, readHead, readVersions } from "./version.ts";
import { lastRead } from "./last-read.ts";
import { write } from "./write.ts";
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
  return store.read(async (tx) => {
    const head = await readHead(tx);
    const document = await documentAt(tx, store.place);
    const holds = await readHolds(tx);
    const sessions = (await readAgents(tx)).map((agent) => ({
      session_id: agent.id,
      agent_id: agent.client,
      role: agent.role,
      status: "active",
      registered_at: agent.registeredAt,
      last_heartbeat: agent.beatAt,
      current_task: agent.task,
      locked_files: holds.filter((hold) => hold.agent === agent.id).map(({ path }) => path),
      context_hash: head.hash,
    }));
    const versions = await readVersions(tx, Math.max(0, head.version - KEPT_VERSIONS), head.version);
    const open = await openConflicts(tx);
    const { rest, knowledge } = apart(document);
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

function apart(document: Json | undefined): { rest: JsonMap; knowledge: JsonMap } {
  if (!isJsonMap(document)) return { rest: {}, knowledge: {} };
  const beside = ownValue(document, BESIDE);
  const knowledge: Record<string, Json> = {};
  for (const [key, value] of Object.entries(document)) if (key !== BESIDE) setOwn(knowledge, key, value);
  return { rest: isJsonMap(beside) ? beside : {}, knowledge };
}

/**
 * Takes a `shared_context.json` of the seed over: what is under `shared_knowledge` becomes the document (merged with
 * what is there), other keys are kept. Its sessions and locks are of their time, and are not revived.
 * @throws BerthError INVALID for anything but such a file
 */
export async function sharedImport(
  project: Project,
  input: { readonly text: string; readonly agent?: string | undefined },
): Promise<{ version: number; hash: string; conflicts: number; passedOver: readonly string[] }> {
  const given = parse(input.text);
  const knowledge = ownValue(given, "shared_knowledge") ?? {};
  if (!isJsonMap(knowledge))
    throw new BerthError("INVALID", "shared_knowledge is not a map.", {
      hint: "It must be one, as the export writes it.",
    });
  const agent = input.agent ?? project.caller.name;
  const store = await project.store.open();
  return store.write(async (tx) => {
    // Who says for whom he writes starts from what that one has read; a file of elsewhere has no base here.
    const base =
      input.agent === undefined
        ? (await readHead(tx)).version
        : await lastRead(tx, store.place, { agent: input.agent, path: [] });
    const now = await documentAt(tx, store.place, base);
    const document: Record<string, Json> = {};
    for (const [key, value] of Object.entries(isJsonMap(now) ? now : {})) setOwn(document, key, value);
    for (const [key, value] of Object.entries(knowledge)) if (key !== "open_conflicts") setOwn(document, key, value);
    const beside: Record<string, Json> = {};
    for (const [key, value] of Object.entries(given)) if (!MADE.has(key)) setOwn(beside, key, value);
    if (Object.keys(beside).length > 0) setOwn(document, BESIDE, beside);
    const policyAt = policies(project);
    const isSeen = input.agent !== undefined;
    const wish = { agent, base, path: [], value: document, message: "Imported", policyAt, isSeen };
    const { version, hash, conflicts } = await write(tx, store.place, wish);
    const passedOver = ["sessions", "context_versions"].filter((key) => ownValue(given, key) !== undefined);
    return { version, hash, conflicts: conflicts.length, passedOver };
  });
}

function parse(text: string): JsonMap {
  try {
    const value = JSON.parse(text) as Json;
    if (isJsonMap(value)) return value;
  } catch (error) {
    throw new BerthError("INVALID", `This is not JSON: ${error instanceof Error ? error.message : String(error)}.`, {
      hint: "Nothing was changed. A torn file may be whole in its backup.",
    });
  }
  throw new BerthError("INVALID", "A shared context is a JSON map.", { hint: "Nothing was changed." });
}

import { isJsonList, isJsonMap, type Json, type JsonMap, ownValue, sameJson } from "../document/json.ts";
import { printKeyPath } from "../document/key-path.ts";
import type { ValueConflict } from "../document/merge-policy.ts";
import { mergeValues } from "../document/merge-values.ts";
import { BerthError, type ErrorCode, isBerthError } from "../errors.ts";
import { lookRound } from "../coordination/agent/agents.ts";
import { leave } from "../coordination/agent/leave.ts";
import { beat } from "../coordination/agent/beat.ts";
import { register } from "../coordination/agent/register.ts";
import { addTask, isTaskId } from "../coordination/task/add.ts";
import { assignTask } from "../coordination/task/assign.ts";
import { shortHash } from "../hash.ts";
import type { Project } from "../project.ts";
import { sharedExport, sharedImport } from "../shared-context/exchange.ts";
import { sharedGet } from "../shared-context/get.ts";
import { sharedHistory } from "../shared-context/history.ts";
import { sharedRollback, sharedSnapshot } from "../shared-context/rollback.ts";

/** A place where two contexts say something different. */
export interface ContextConflict {
  readonly path: string;
  readonly value1: Json | undefined;
  readonly value2: Json | undefined;
  readonly type: "overlapping" | "contradiction";
}

/**
 * The operations of the seed "Cross-Session Context Sharing", by its names, with its arguments and results, over the
 * same parts as the verbs. Its session_id is the agent's id here. What it calls false is a refusal that the verbs tell
 * with its reason. [XCS-21]
 */
export interface SeedOperations {
  registerSession(sessionId: string, role: string, agentId: string): Promise<boolean>;
  deregisterSession(sessionId: string): Promise<boolean>;
  updateHeartbeat(sessionId: string): Promise<boolean>;
  /** Ids of all that were silent past the limit, and of those whose process is gone. */
  detectDeadSessions(): Promise<string[]>;
  /** As `sessions` of the seed's file, in its spelling. */
  getActiveSessions(): Promise<JsonMap[]>;
  /** Gives a task (made now, where there is none), named by a line of text, to a live agent. @returns the agent's id */
  assignTask(taskId: string, preferredRole?: string): Promise<string>;
  getSessionByRole(role: string): Promise<JsonMap | null>;
  readSharedContext(): Promise<JsonMap>;
  /**
   * Writes `shared_knowledge`. A context that was read here is written from the version that it was then, and keys that
   * it has no longer are removed; any other adds to what there is, from the version that the agent last read.
   * @returns false for a conflict, which is kept and told to both writers
   */
  writeSharedContext(context: JsonMap, sessionId: string): Promise<boolean>;
  /** The newest context, which the agent has read with that. */
  syncContext(sessionId: string): Promise<JsonMap>;
  detectConflicts(context1: JsonMap, context2: JsonMap): ContextConflict[];
  /** What can be merged of conflicts, by key path; contradictions are left out. */
  autoMerge(conflicts: readonly ContextConflict[]): JsonMap;
  /** @returns the hash of the version that is kept */
  createContextSnapshot(): Promise<string>;
  /** @param version a number, or a version's hash */
  rollbackContext(version: number | string): Promise<boolean>;
}

/** @param berth the opened handle */
export function seedOperations(berth: { readonly project: Project }): SeedOperations {
  const { project } = berth;
  const sessions = async (): Promise<JsonMap[]> => {
    const { context } = await sharedExport(project);
    const listed = ownValue(context, "sessions");
    return isJsonList(listed) ? listed.filter(isJsonMap).filter((session) => session["status"] === "active") : [];
  };
  return {
    registerSession: (id, role, client) =>
      accepted(["ALREADY_REGISTERED"], () => register(project, { id, role, client, isNew: true })),
    deregisterSession: (id) => accepted(["NOT_FOUND"], () => leave(project, { id })),
    updateHeartbeat: (id) => accepted(["NOT_FOUND"], () => beat(project, { id })),
    detectDeadSessions: async () =>
      (await lookRound(project)).filter(({ state }) => state !== "live").map(({ id }) => id),
    getActiveSessions: sessions,
    assignTask: async (title, role) => {
      const id = taskId(title);
      await accepted(["WRONG_STATE"], () => addTask(project, { id, title, role }));
      return (await assignTask(project, { id, role })).task.agent ?? "";
    },
    getSessionByRole: async (role) => (await sessions()).find((session) => session["role"] === role) ?? null,
    readSharedContext: async () => (await sharedExport(project)).context,
    writeSharedContext: async (context, agent) =>
      (await sharedImport(project, { text: JSON.stringify(context), agent, whole: true })).conflicts === 0,
    syncContext: async (agent) => {
      await sharedGet(project, { agent });
      return (await sharedExport(project)).context;
    },
    detectConflicts,
    autoMerge,
    createContextSnapshot: async () => (await sharedSnapshot(project)).hash,
    rollbackContext: async (version) => {
      const { versions } = await sharedHistory(project, { limit: 1_000_000 });
      const found = typeof version === "number" ? version : versions.find(({ hash }) => hash === version)?.version;
      if (found === undefined) return false;
      return accepted(["NOT_FOUND"], () => sharedRollback(project, { version: found }));
    },
  };
}

/** The seed names a task by any text; one that cannot be an id here is a task's title, and always the same task. */
function taskId(text: string): string {
  return isTaskId(text) ? text : `t-${shortHash(text)}`;
}

/** True once it is done, false for the refusals that the seed has no other word for. */
async function accepted(refusals: readonly ErrorCode[], work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (isBerthError(error) && refusals.includes(error.code)) return false;
    throw error;
  }
}

function knowledgeOf(context: JsonMap): JsonMap {
  const knowledge = ownValue(context, "shared_knowledge");
  return isJsonMap(knowledge) ? knowledge : context;
}

/** Two contexts without a common base: keys that both have, with values that differ. */
function detectConflicts(context1: JsonMap, context2: JsonMap): ContextConflict[] {
  const [one, two] = [knowledgeOf(context1), knowledgeOf(context2)];
  const both = Object.keys(one).filter((key) => ownValue(two, key) !== undefined);
  return both.flatMap((key) => {
    const [value1, value2] = [ownValue(one, key), ownValue(two, key)];
    if (sameJson(value1, value2, 0)) return [];
    const { conflicts } = mergeValues(undefined, value1, value2, { policyAt: () => "union" });
    return [{ path: printKeyPath([key]), value1, value2, type: kindOf(conflicts) }];
  });
}

function kindOf(conflicts: readonly ValueConflict[]): ContextConflict["type"] {
  return conflicts.length === 0 ? "overlapping" : "contradiction";
}

function autoMerge(conflicts: readonly ContextConflict[]): JsonMap {
  const merged: [string, Json][] = [];
  for (const { path, value1, value2, type } of conflicts) {
    const { value } = mergeValues(undefined, value1, value2, { policyAt: () => "union" });
    if (type === "overlapping" && value !== undefined) merged.push([path, value]);
  }
  if (new Set(merged.map(([path]) => path)).size !== merged.length)
    throw new BerthError("INVALID", "Two of the conflicts are about one key.", {
      hint: "Merge them one after the other.",
    });
  return Object.fromEntries(merged);
}

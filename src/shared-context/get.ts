import type { Json } from "../document/json.ts";
import { parseKeyPath } from "../document/key-path.ts";
import type { Project } from "../project.ts";
import { type Conflict, openConflicts } from "./conflict.ts";
import { lastRead, noteReadSoon } from "./last-read.ts";
import { partAt } from "./part.ts";
import { documentAt, hashAt, readLatest } from "./version.ts";

export interface SharedValue {
  readonly version: number;
  readonly hash: string;
  /** Null where there is no value; `found` tells that from a null that was written. */
  readonly value: Json;
  readonly found: boolean;
  /** What is not resolved at this key, above it or below it. */
  readonly conflicts: readonly Conflict[];
}

/**
 * Reads the shared context, or one key path of it (through items of lists too), now or at a version. What the caller has read is remembered as what
 * its next write starts from.
 * @throws BerthError INVALID for the key path, NOT_FOUND for the version
 */
export async function sharedGet(
  project: Project,
  input: {
    readonly path?: string | undefined;
    readonly version?: number | undefined;
    readonly agent?: string | undefined;
  } = {},
): Promise<SharedValue> {
  const path = parseKeyPath(input.path ?? "");
  const agent = input.agent ?? project.caller.name;
  const store = await project.store.open();
  const found = await store.ask(async (tx) => {
    const [head, conflicts, seen] = await Promise.all([
      readLatest(tx, store.place),
      openConflicts(tx, path),
      lastRead(tx, store.place, { agent, path }),
    ]);
    const version = input.version ?? head.version;
    const past = version !== head.version;
    const value = partAt(past ? await documentAt(tx, store.place, version) : head.document, path);
    const hash = (past ? await hashAt(tx, version) : undefined) ?? head.hash;
    const answer = { version, hash, value: value ?? null, found: value !== undefined, conflicts };
    return { seen, answer, project: tx.project };
  });
  // A version of the past is looked at, not worked from.
  if (input.version === undefined && found.seen !== found.answer.version)
    noteReadSoon(store, found.project, { agent, path, version: found.answer.version });
  return found.answer;
}

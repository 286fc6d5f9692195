import type { Json } from "../document/json.ts";
import { parseKeyPath } from "../document/key-path.ts";
import type { Project } from "../project.ts";
import { valueAt } from "./change.ts";
import { type Conflict, openConflicts } from "./conflict.ts";
import { documentAt, hashAt, readHead } from "./version.ts";

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
 * Reads the shared context, or one key path of it, now or at a version. What the caller has read is remembered as what
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
  const found = await store.read(async (tx) => {
    const document = await documentAt(tx, store.place, input.version);
    const head = await readHead(tx);
    const version = input.version ?? head.version;
    const hash = (await hashAt(tx, version)) ?? head.hash;
    const value = valueAt(document, path);
    const conflicts = await openConflicts(tx, path);
    const seen = await tx.one<{ version: number }>(
      "select version from context_read where project = $1 and agent = $2",
      tx.project,
      agent,
    );
    return {
      seen: seen?.version ?? -1,
      answer: { version, hash, value: value ?? null, found: value !== undefined, conflicts },
    };
  });
  // A version of the past is looked at, not worked from.
  if (input.version === undefined && found.seen !== found.answer.version)
    await store.write((tx) =>
      tx.run(
        `insert into context_read (project, agent, version) values ($1, $2, $3)
         on conflict (project, agent) do update set version = $3`,
        tx.project,
        agent,
        found.answer.version,
      ),
    );
  return found.answer;
}

import type { Json } from "../document/json.ts";
import { parseKeyPath } from "../document/key-path.ts";
import { heard } from "../coordination/agent/heard.ts";
import type { Project } from "../project.ts";
import { type Conflict, openConflicts } from "./conflict.ts";
import { lastRead } from "./last-read.ts";
import { policies } from "./policies.ts";
import { readLatest } from "./version.ts";
import { tellWriters } from "./tell.ts";
import { write } from "./write.ts";

export interface SharedSet {
  readonly path: string;
  /** Undefined removes what is there. */
  readonly value: Json | undefined;
  /** The version that the value was made from; without it the one that this agent last read or wrote. */
  readonly base?: number | undefined;
  readonly message?: string | undefined;
  readonly agent?: string | undefined;
}

export interface SetResult {
  readonly version: number;
  readonly hash: string;
  /** What others wrote meanwhile is in it as well. */
  readonly merged: boolean;
  /** The first of what could not be merged, with both values; null when all of it could. */
  readonly conflict: Conflict | null;
  readonly conflicts: readonly Conflict[];
}

/**
 * Writes a value into the shared context. Concurrent changes of other places, and of other parts of this one, are
 * merged; where both changed the same, the first value stands, both are kept, and both writers are told. Nothing is
 * lost silently. [XCS-08] [XCS-09] [INV-7]
 * @throws BerthError INVALID for the key path or the value, NOT_FOUND for the base
 */
export async function sharedSet(project: Project, input: SharedSet): Promise<SetResult> {
  const path = parseKeyPath(input.path);
  const agent = input.agent ?? project.caller.name;
  const policyAt = policies(project);
  const store = await project.store.open();
  return store.write(async (tx) => {
    const [head, base] = await Promise.all([
      readLatest(tx, store.place),
      input.base ?? lastRead(tx, store.place, { agent, path }),
      heard(tx, agent),
    ]);
    const isNamed = input.base !== undefined;
    const wish = { agent, base, isNamed, path, value: input.value, message: input.message ?? null, policyAt, head };
    const written = await write(tx, store.place, wish);
    const { version, hash, merged } = written;
    const ids = new Set(written.conflicts.map(({ id }) => id));
    const conflicts = ids.size === 0 ? [] : (await openConflicts(tx, path)).filter(({ id }) => ids.has(id));
    await tellWriters(tx, wish, written);
    return { version, hash, merged, conflict: conflicts[0] ?? null, conflicts };
  });
}

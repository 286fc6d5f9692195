import { isoSeconds } from "../clock.ts";
import { type Json, requireShallow, sameJson } from "../document/json.ts";
import { printKeyPath } from "../document/key-path.ts";
import type { ValueConflict } from "../document/merge-policy.ts";
import { mergeValues } from "../document/merge-values.ts";
import { BerthError } from "../errors.ts";
import type { Writing } from "../store/store.ts";
import { type Change, placed, related, valueAt } from "./change.ts";
import { storeConflict } from "./conflict.ts";
import {
  documentAt,
  documentBefore,
  firstKept,
  hashOf,
  readHead,
  readVersions,
  sealOf,
  type Version,
} from "./version.ts";
import type { Policy } from "../document/merge-policy.ts";

/** What somebody wants to write, and what he had seen. */
export interface Wish {
  readonly agent: string;
  readonly base: number;
  readonly path: readonly string[];
  /** Undefined removes. */
  readonly value: Json | undefined;
  readonly message: string | null;
  readonly policyAt: (path: readonly string[]) => Policy;
}

export interface Written {
  readonly version: number;
  readonly hash: string;
  /** Others had changed something there since the base, and both are in it now. */
  readonly merged: boolean;
  readonly conflicts: readonly {
    readonly id: number;
    readonly conflict: ValueConflict;
    readonly oursBy: string | null;
  }[];
  /** Whose changes this met. */
  readonly met: readonly string[];
}

/** With more in them than this, the changes since the last snapshot are no longer walked by who starts anew. */
const SNAPSHOT_BYTES = 1_000_000;

/**
 * Writes one place of the document in a transaction. What others wrote there since the writer's base is merged with it;
 * where both changed the same, the value that was there first stands, and both are kept as a conflict. [XCS-08] [XCS-09]
 * @throws BerthError INVALID for values that are too deep, NOT_FOUND for a base that does not exist (any more)
 */
export async function write(tx: Writing, place: string, wish: Wish): Promise<Written> {
  if (wish.value !== undefined) requireShallow(wish.value, wish.path.length);
  const head = await readHead(tx);
  if (wish.base < 0 || wish.base > head.version)
    throw new BerthError("NOT_FOUND", `The shared context has no version ${wish.base} to start from.`, {
      hint: "Read it again: berth shared get",
      facts: { base: wish.base, newest: head.version },
    });
  const document = await documentAt(tx, place);
  // What stands in the way of the path is said before anything is merged.
  placed(document, wish.path, wish.value);
  const now = valueAt(document, wish.path);
  const since = (await readVersions(tx, wish.base, head.version)).filter(({ changes }) =>
    changes.some(({ path }) => related(path, wish.path) || related(wish.path, path)),
  );
  // Of what came between, some may be pruned: then the values tell whether anything did.
  const hidden = wish.base < head.version && wish.base < (await firstKept(tx)) - 1;
  const before = since.length > 0 || hidden ? valueAt(await documentBefore(tx, place, wish.base), wish.path) : now;
  const crossed = since.length > 0 || !same(before, now);
  const merge = crossed
    ? mergeValues(before, now, wish.value, { policyAt: (path) => wish.policyAt([...wish.path, ...path]) })
    : { value: wish.value, conflicts: [], overwritten: [] };
  const changed = !same(now, merge.value);
  const made = changed
    ? await append(tx, { ...wish, head, changes: [placed(document, wish.path, merge.value)] })
    : head;
  const conflicts: { id: number; conflict: ValueConflict; oursBy: string | null }[] = [];
  for (const found of merge.conflicts) {
    const conflict = { ...found, path: [...wish.path, ...found.path] };
    const oursBy = lastWriter(since, conflict.path);
    const id = await storeConflict(tx, conflict, { oursBy, theirsBy: wish.agent, version: made.version });
    conflicts.push({ id, conflict, oursBy });
  }
  await remember(tx, wish.agent, made.version);
  if (changed) await snapshotIfLong(tx, place);
  const met = [...new Set(since.map(({ agent }) => agent))].filter((agent) => agent !== wish.agent);
  return {
    ...made,
    merged: crossed && conflicts.length === 0 && !same(merge.value, wish.value),
    conflicts,
    met,
  };
}

/** Appends a version. */
export async function append(
  tx: Writing,
  from: {
    readonly head: { readonly version: number; readonly hash: string };
    readonly agent: string;
    readonly base: number;
    readonly message: string | null;
    readonly changes: readonly Change[];
  },
): Promise<{ version: number; hash: string }> {
  const { head, agent, base, message, changes } = from;
  const version: Omit<Version, "hash"> = {
    version: head.version + 1,
    at: isoSeconds(tx.now),
    agent,
    base,
    message,
    previous: head.hash,
    changes,
  };
  const hash = hashOf(version);
  await tx.run(
    `insert into context_version (project, version, at, agent, base, message, hash, previous, changes)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    tx.project,
    version.version,
    Date.parse(version.at),
    agent,
    base,
    message,
    hash,
    head.hash,
    JSON.stringify(changes),
  );
  const data = { version: version.version, hash, paths: changes.map(({ path }) => printKeyPath(path)), message };
  await tx.append({ kind: "context.changed", subject: data.paths[0] ?? "", agent, data });
  return { version: version.version, hash };
}

function lastWriter(since: readonly Version[], path: readonly string[]): string | null {
  const last = since.findLast(({ changes }) => changes.some((c) => related(c.path, path) || related(path, c.path)));
  return last?.agent ?? null;
}

/** A writer knows what he wrote. */
async function remember(tx: Writing, agent: string, version: number): Promise<void> {
  await tx.run(
    `insert into context_read (project, agent, version) values ($1, $2, $3)
     on conflict (project, agent) do update set version = $3`,
    tx.project,
    agent,
    version,
  );
}

async function snapshotIfLong(tx: Writing, place: string): Promise<void> {
  const row = await tx.one<{ bytes: number | null; size: number | null }>(
    `select (select sum(length(changes)) from context_version where project = $1 and version >
       (select coalesce(max(version), 0) from context_snapshot where project = $1)) as bytes,
     (select max(length(value)) from context_snapshot where project = $1) as size`,
    tx.project,
  );
  if ((row?.bytes ?? 0) < Math.max(SNAPSHOT_BYTES, row?.size ?? 0)) return;
  await storeSnapshot(tx, place, null);
  // Of those that nobody asked for, only the newest saves anybody the way.
  await tx.run(
    `delete from context_snapshot where project = $1 and message is null and version <
       (select max(version) from context_snapshot where project = $1)`,
    tx.project,
  );
}

/** Keeps the whole document of the newest version. @param message null for one that nobody asked for */
export async function storeSnapshot(
  tx: Writing,
  place: string,
  message: string | null,
): Promise<{ version: number; hash: string }> {
  const head = await readHead(tx);
  await keepSnapshot(tx, { ...head, document: await documentAt(tx, place), message });
  return head;
}

export async function keepSnapshot(
  tx: Writing,
  snapshot: {
    readonly version: number;
    readonly hash: string;
    readonly document: Json | undefined;
    readonly message: string | null;
  },
): Promise<void> {
  const { version, hash, document, message } = snapshot;
  const value = JSON.stringify({ value: document });
  await tx.run(
    `insert into context_snapshot (project, version, value, message, at, hash, seal) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (project, version) do update set message = coalesce($4, context_snapshot.message)`,
    tx.project,
    version,
    value,
    message,
    tx.now,
    hash,
    sealOf({ version, hash, value }),
  );
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  return a === undefined || b === undefined ? a === b : sameJson(a, b, 0);
}

import { isoSeconds } from "../clock.ts";
import { type Json, requireShallow, sameJson } from "../document/json.ts";
import { printKeyPath } from "../document/key-path.ts";
import type { ValueConflict } from "../document/merge-policy.ts";
import { mergeValues } from "../document/merge-values.ts";
import { BerthError } from "../errors.ts";
import type { Writing } from "../store/store.ts";
import { type Change, divided, placed, related, valueAt } from "./change.ts";
import { storeConflict } from "./conflict.ts";
import { noteRead } from "./last-read.ts";
import {
  documentAt,
  documentBefore,
  firstKept,
  hashOf,
  type Latest,
  readHead,
  readLatest,
  readVersions,
  sealOf,
  setSinceSnapshot,
  type SinceSnapshot,
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
  /** The newest version, by who has read it in this transaction. */
  readonly head?: Latest;
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
const SNAPSHOT_LENGTH = 1_000_000;

/**
 * Writes one place of the document in a transaction. What others wrote there since the writer's base is merged with it;
 * where both changed the same, the value that was there first stands, and both are kept as a conflict. [XCS-08] [XCS-09]
 * @throws BerthError INVALID for values that are too deep, NOT_FOUND for a base that does not exist (any more)
 */
export async function write(tx: Writing, place: string, wish: Wish): Promise<Written> {
  if (wish.value !== undefined) requireShallow(wish.value, wish.path.length);
  const head = wish.head ?? (await readLatest(tx, place));
  if (wish.base < 0 || wish.base > head.version)
    throw new BerthError("NOT_FOUND", `The shared context has no version ${wish.base} to start from.`, {
      hint: "Read it again: berth shared get",
      facts: { base: wish.base, newest: head.version },
    });
  const { document } = head;
  // What stands in the way of the path is said before anything is merged.
  placed(document, wish.path, wish.value);
  const now = valueAt(document, wish.path);
  const later = wish.base < head.version ? await readVersions(tx, wish.base, head.version) : [];
  const since = later.filter(({ changes }) =>
    changes.some(({ path }) => related(path, wish.path) || related(wish.path, path)),
  );
  // Of what came between, some may be pruned: then the values tell whether anything did.
  const hidden = wish.base < head.version && wish.base < (await firstKept(tx)) - 1;
  const before = since.length > 0 || hidden ? valueAt(await documentBefore(tx, place, wish.base), wish.path) : now;
  const crossed = since.length > 0 || !same(before, now);
  const merge = crossed
    ? mergeValues(before, now, wish.value, { policyAt: (path) => wish.policyAt([...wish.path, ...path]) })
    : { value: wish.value, conflicts: [], overwritten: [] };
  const changes = divided(placed(document, wish.path, merge.value));
  const [made] = await Promise.all([
    changes.length > 0 ? append(tx, { ...wish, head, changes }) : head,
    // A writer knows what he wrote.
    noteRead(tx, wish.agent, changes.length > 0 ? head.version + 1 : head.version),
  ]);
  const conflicts: { id: number; conflict: ValueConflict; oursBy: string | null }[] = [];
  for (const found of merge.conflicts) {
    const conflict = { ...found, path: [...wish.path, ...found.path] };
    const oursBy = lastWriter(since, conflict.path);
    const id = await storeConflict(tx, conflict, { oursBy, theirsBy: wish.agent, version: made.version });
    conflicts.push({ id, conflict, oursBy });
  }
  if (changes.length > 0) await snapshotIfLong(tx, place, head.since);
  const met = [...new Set(since.map(({ agent }) => agent))].filter((agent) => agent !== wish.agent);
  return {
    version: made.version,
    hash: made.hash,
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
  const stored = tx.run(
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
  await Promise.all([stored, tx.append({ kind: "context.changed", subject: data.paths[0] ?? "", agent, data })]);
  return { version: version.version, hash };
}

function lastWriter(since: readonly Version[], path: readonly string[]): string | null {
  const last = since.findLast(({ changes }) => changes.some((c) => related(c.path, path) || related(path, c.path)));
  return last?.agent ?? null;
}

async function snapshotIfLong(tx: Writing, place: string, known: SinceSnapshot): Promise<void> {
  const isLong = ({ changes, snapshot }: SinceSnapshot): boolean => changes >= Math.max(SNAPSHOT_LENGTH, snapshot);
  // Asking the store at each write would walk all of those changes each time.
  if (!isLong(known)) return;
  // Somebody else may have made one meanwhile. Octets, because they are counted without reading the texts.
  const row = await tx.one<{ changes: number | null; snapshot: number | null }>(
    `select (select sum(octet_length(changes)) from context_version where project = $1 and version >
       (select coalesce(max(version), 0) from context_snapshot where project = $1)) as changes,
     (select octet_length(value) from context_snapshot where project = $1 order by version desc limit 1) as snapshot`,
    tx.project,
  );
  const since = { changes: row?.changes ?? 0, snapshot: row?.snapshot ?? 0 };
  setSinceSnapshot(tx, place, since);
  if (!isLong(since)) return;
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

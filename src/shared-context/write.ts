import { isoSeconds } from "../clock.ts";
import { type Json, requireShallow, sameJson } from "../document/json.ts";
import { printKeyPath } from "../document/key-path.ts";
import type { ValueConflict } from "../document/merge-policy.ts";
import { mergeValues } from "../document/merge-values.ts";
import { BerthError } from "../errors.ts";
import type { Writing } from "../store/store.ts";
import { type Change, divided, placed, related, valueAt } from "./change.ts";
import { sameConflict, storeConflict } from "./conflict.ts";
import { documentBefore, knownAt } from "./known.ts";
import { noteRead } from "./last-read.ts";
import {
  documentAt,
  firstKept,
  hashOf,
  type Latest,
  notKept,
  readHead,
  readLatest,
  readVersionsAt,
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
  /** Whether the writer named the base: then he knows nothing that came later, also where he wrote it himself. */
  readonly isNamed?: boolean;
  readonly path: readonly string[];
  /** Undefined removes. */
  readonly value: Json | undefined;
  readonly message: string | null;
  readonly policyAt: (path: readonly string[]) => Policy;
  /** False where nobody has looked at what is at the path, and the base is only where the write is to start from. */
  readonly isSeen?: boolean;
  /** The newest version, by who has read it in this transaction. */
  readonly head?: Latest;
}

export interface Written {
  readonly version: number;
  readonly hash: string;
  /** Whether it made a new version. */
  readonly changed: boolean;
  /** Others had changed something there since the base, and both are in it now. */
  readonly merged: boolean;
  readonly conflicts: readonly KeptConflict[];
  /** Whose changes this met. */
  readonly met: readonly string[];
}

interface KeptConflict {
  readonly id: number;
  readonly conflict: ValueConflict;
  readonly oursBy: string | null;
  /** Whether the same one is not open already: a refused write that comes again. */
  readonly isNew: boolean;
}

/** With more in them than this, the changes since the last snapshot are no longer walked by who starts anew. */
const SNAPSHOT_LENGTH = 1_000_000;
/** Changes whose text is longer than this do not go along with the wake-up of those who watch. */
const BRIEF = 10_000;

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
  const since = wish.base < head.version ? await readVersionsAt(tx, wish.base, wish.path) : [];
  const own = wish.isNamed ? null : wish.agent;
  const others = since.filter(({ agent }) => agent !== own);
  // Of what came between, some may be pruned: then the values tell whether anything did.
  const first = wish.base < head.version ? await firstKept(tx) : 0;
  const hidden = wish.base < first - 1;
  // One that was lost with what came around it cannot be told from what is there now.
  if (wish.isNamed && wish.base >= first && wish.base < head.version) await requireVersion(tx, wish.base, first, head);
  const start = hidden ? { value: valueAt(await documentBefore(tx, place, wish.base, wish.path), wish.path) } : null;
  const before = others.length > 0 || start ? knownAt({ agent: own, path: wish.path }, now, since, start) : now;
  const crossed = others.length > 0 || !sameJson(before, now, 0);
  const merge = crossed ? merged(wish, before, now) : { value: wish.value, conflicts: [] };
  const changes = divided(placed(document, wish.path, merge.value));
  const asWished = merge.conflicts.length === 0 && sameJson(merge.value, wish.value, 0);
  const version = changes.length > 0 ? head.version + 1 : head.version;
  const [made] = await Promise.all([
    changes.length > 0 ? append(tx, { ...wish, head, changes }) : head,
    // Who gets what he wished knows what is there now; who was merged or refused has yet to read what he met.
    asWished && wish.isSeen !== false ? noteRead(tx, { ...wish, version }) : undefined,
  ]);
  const conflicts: KeptConflict[] = [];
  for (const found of merge.conflicts) {
    const conflict = { ...found, path: [...wish.path, ...found.path] };
    const oursBy = lastWriter(others, conflict.path);
    const who = { oursBy, theirsBy: wish.agent, version: made.version };
    const known = await sameConflict(tx, conflict, who);
    conflicts.push({ id: known ?? (await storeConflict(tx, conflict, who)), conflict, oursBy, isNew: known === null });
  }
  if (changes.length > 0) await snapshotIfLong(tx, place, head.since);
  const met = [...new Set(others.map(({ agent }) => agent))];
  return {
    version: made.version,
    hash: made.hash,
    changed: changes.length > 0,
    merged: crossed && conflicts.length === 0 && !asWished,
    conflicts,
    met,
  };
}

/** @throws BerthError NOT_FOUND for a version in a gap of the history */
async function requireVersion(tx: Writing, version: number, first: number, head: Latest): Promise<void> {
  const sql = "select 1 from context_version where project = $1 and version = $2";
  if (!(await tx.one(sql, tx.project, version))) throw notKept(version, first, head.version);
}

/** What others did at the path since, with what is to be written. */
function merged(
  { path, value, policyAt }: Wish,
  before: Json | undefined,
  now: Json | undefined,
): { readonly value: Json | undefined; readonly conflicts: readonly ValueConflict[] } {
  // Nothing would come of it, and whoever removes something means what he has not seen as well.
  if (value === undefined && before === undefined && now !== undefined && policyAt(path) !== "last-write")
    return {
      value: now,
      conflicts: [{ path: [], base: before, ours: now, theirs: value, reason: "deleted-and-changed" }],
    };
  return mergeValues(before, now, value, { policyAt: (inner) => policyAt([...path, ...inner]) });
}

/** What those who watch are told of changes: what is there now. */
function briefOf(changes: readonly Change[]): Pick<Change, "path" | "after">[] {
  return changes.map(({ path, after }) => ({ path, ...(after !== undefined && { after }) }));
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
  const text = JSON.stringify(changes);
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
    text,
  );
  const data = { version: version.version, hash, paths: changes.map(({ path }) => printKeyPath(path)), message };
  const event = {
    kind: "context.changed",
    subject: data.paths[0] ?? "",
    agent,
    data,
    ...(text.length <= BRIEF && { brief: briefOf(changes) }),
  };
  await Promise.all([stored, tx.append(event)]);
  return { version: version.version, hash };
}

function lastWriter(since: readonly Version[], path: readonly string[]): string | null {
  const last = since.findLast(({ changes }) => changes.some((c) => related(c.path, path)));
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

import { isoSeconds } from "../clock.ts";
import { canonicalJson } from "../document/canonical-json.ts";
import type { Json } from "../document/json.ts";
import { BerthError } from "../errors.ts";
import { sha256 } from "../hash.ts";
import type { Asking } from "../store/store.ts";
import { applied, type Change, related, undone } from "./change.ts";

/** One version of the shared context: what it changed, and the hash that chains it to the one before. */
export interface Version {
  readonly version: number;
  readonly at: string;
  readonly agent: string;
  /** The version that its writer had started from. */
  readonly base: number;
  readonly message: string | null;
  readonly hash: string;
  readonly previous: string;
  readonly changes: readonly Change[];
}

interface VersionRow {
  readonly version: number;
  readonly at: number;
  readonly agent: string;
  readonly base: number;
  readonly message: string | null;
  readonly hash: string;
  readonly previous: string;
  readonly changes: string;
}

/** What stands before the first version. */
export const ORIGIN: string = `sha256:${"0".repeat(64)}`;

/** The hash of a version: SHA-256 over the canonical JSON (RFC 8785) of all that it says, its predecessor's hash included. */
export function hashOf(version: Omit<Version, "hash">): string {
  return `sha256:${sha256(canonicalJson(version))}`;
}

const COLUMNS = "version, at, agent, base, message, hash, previous, changes";

/** The newest version's number and hash; 0 and the origin before the first. */
export async function readHead(tx: Asking): Promise<{ readonly version: number; readonly hash: string }> {
  const head = await tx.one<{ version: number; hash: string }>(
    "select version, hash from context_version where project = $1 order by version desc limit 1",
    tx.project,
  );
  return head ?? { version: 0, hash: ORIGIN };
}

/** Versions after one and up to another, oldest first. */
export async function readVersions(tx: Asking, after: number, upTo: number): Promise<Version[]> {
  const rows = await tx.all<VersionRow>(
    `select ${COLUMNS} from context_version where project = $1 and version > $2 and version <= $3 order by version`,
    tx.project,
    after,
    upTo,
  );
  return rows.map(versionOf);
}

/** Those after a version that changed something at a path, above it or below it, oldest first. */
export async function readVersionsAt(tx: Asking, after: number, path: readonly string[]): Promise<Version[]> {
  // The store leaves most of the others out; which of those that are left do count is seen in their paths.
  const above = path.map((_, depth) => `"path":${JSON.stringify(path.slice(0, depth))}`);
  const below = `"path":${JSON.stringify(path).slice(0, -1)}`;
  const patterns = [...above, below].map((text) => `%${beginning(text).replaceAll(/[!%_]/g, "!$&")}%`);
  const rows = await tx.all<VersionRow>(
    `select ${COLUMNS} from context_version where project = $1 and version > $2
     and (${patterns.map((_, i) => `changes like $${i + 3} escape '!'`).join(" or ")}) order by version`,
    tx.project,
    after,
    ...patterns,
  );
  return rows.map(versionOf).filter(({ changes }) => changes.some((change) => related(change.path, path)));
}

/** As much of a text as a pattern takes, and no half of a character, which no store takes. */
function beginning(text: string): string {
  return text.slice(0, 2000).replace(/[\ud800-\udbff]$/, "");
}

function versionOf(row: VersionRow): Version {
  return { ...row, at: isoSeconds(row.at), changes: changesOf(row) };
}

function changesOf({ changes, version }: Pick<VersionRow, "changes" | "version">): Change[] {
  return parsed(changes, version) as Change[];
}

/** @throws BerthError STORE_DAMAGED: a text that is no JSON is never taken for an empty one */
function parsed(text: string, version: number): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw damagedContext(`Its version ${version} cannot be read`, { version }, error);
  }
}

/** What tells a snapshot that is what was kept: over its version, that version's hash, and its text. */
export function sealOf(snapshot: { readonly version: number; readonly hash: string; readonly value: string }): string {
  return `sha256:${sha256(`${snapshot.version}\n${snapshot.hash}\n${snapshot.value}`)}`;
}

/** The newest version as far as it was read, with its document. */
export interface Latest {
  readonly version: number;
  readonly hash: string;
  readonly document: Json | undefined;
  readonly since: SinceSnapshot;
}

/** What somebody who starts anew has to walk, in characters. */
export interface SinceSnapshot {
  /** Of the changes since a snapshot. It may be less: others may have made a later one. */
  readonly changes: number;
  /** Of that snapshot; 0 without one. */
  readonly snapshot: number;
}

/** One document for each store and project: others are made from it. */
const newest = new Map<string, Latest>();

/**
 * The newest version. It is remembered, and brought forward by what was changed since, in one statement.
 * @param place what tells stores apart in this process
 * @throws BerthError STORE_DAMAGED
 */
export async function readLatest(tx: Asking, place: string): Promise<Latest> {
  const key = `${place}\0${tx.project}`;
  const known = newest.get(key);
  const later = known && (await rowsSince(tx, known));
  const from = later ? known : await nearestSnapshot(tx);
  const rows = later ?? (await rowsAfter(tx, from.version));
  // All at once: a big map that many versions changed is copied once.
  const document = applied(from.document, rows.flatMap(changesOf));
  const changes = rows.reduce((sum, row) => sum + row.changes.length, from.since.changes);
  const { version, hash } = rows.at(-1) ?? from;
  const latest = { version, hash, document, since: { ...from.since, changes } };
  newest.set(key, latest);
  return latest;
}

/** Corrects what is remembered by what the store says. */
export function setSinceSnapshot(tx: Asking, place: string, since: SinceSnapshot): void {
  const key = `${place}\0${tx.project}`;
  const known = newest.get(key);
  if (known) newest.set(key, { ...known, since });
}

type Step = Pick<VersionRow, "version" | "hash" | "changes">;

/** What came after a version that is known; undefined where that one is not there (any more), or another is in its place. */
async function rowsSince(tx: Asking, known: Latest): Promise<Step[] | undefined> {
  const [first, ...later] = await tx.all<Step>(
    `select version, hash, case when version = $2 then '' else changes end as changes from context_version
     where project = $1 and version >= $2 order by version`,
    tx.project,
    known.version,
  );
  return first?.version === known.version && first.hash === known.hash ? later : undefined;
}

function rowsAfter(tx: Asking, version: number): Promise<Step[]> {
  return tx.all<Step>(
    "select version, hash, changes from context_version where project = $1 and version > $2 order by version",
    tx.project,
    version,
  );
}

/**
 * The document at a version. The newest is remembered by version and brought forward by what was changed since; an
 * older one is the newest with the changes since taken back, or the snapshot that was kept of it.
 * @param place what tells stores apart in this process
 * @throws BerthError NOT_FOUND for a version that does not exist or was pruned, STORE_DAMAGED
 */
export async function documentAt(tx: Asking, place: string, version?: number): Promise<Json | undefined> {
  const head = await readLatest(tx, place);
  const { document } = head;
  if (version === undefined || version === head.version) return document;
  if (version === 0) return undefined;
  if (!(await isKept(tx, version))) {
    const snapshot = await snapshotAt(tx, version);
    if (snapshot) return snapshot.document;
    throw notKept(version, await firstKept(tx), head.version);
  }
  return undone(
    document,
    (await readVersions(tx, version, head.version)).flatMap((v) => v.changes),
  );
}

export function notKept(
  version: number,
  first: number,
  head: number,
  hint = "See which there are with: berth shared history",
): BerthError {
  const why =
    version > head
      ? `has no version ${version}; the newest is ${head}`
      : `has no version ${version} any more; the oldest that is left is ${first}`;
  return new BerthError("NOT_FOUND", `The shared context ${why}.`, {
    hint,
    facts: { version, oldest: first, newest: head },
  });
}

/** The hash of a version that is kept; undefined for another. A store that was made anew may have the same numbers. */
export async function hashAt(tx: Asking, version: number): Promise<string | undefined> {
  if (version === 0) return ORIGIN;
  const row = await tx.one<{ hash: string }>(
    `select hash from context_version where project = $1 and version = $2
     union all select hash from context_snapshot where project = $1 and version = $2 limit 1`,
    tx.project,
    version,
  );
  return row?.hash;
}

async function isKept(tx: Asking, version: number): Promise<boolean> {
  const sql = "select 1 as kept from context_version where project = $1 and version = $2";
  return (await tx.one(sql, tx.project, version)) !== undefined;
}

/** The oldest version whose changes are kept. */
export async function firstKept(tx: Asking): Promise<number> {
  const row = await tx.one<{ version: number | null }>(
    "select min(version) as version from context_version where project = $1",
    tx.project,
  );
  return row?.version ?? 1;
}

interface Snapshot {
  readonly version: number;
  readonly document: Json | undefined;
}

/** @throws BerthError STORE_DAMAGED where what is kept of the history rests on nothing */
async function nearestSnapshot(tx: Asking): Promise<Latest> {
  const row = await tx.one<SnapshotRow>(`${SNAPSHOT} order by version desc limit 1`, tx.project);
  const first = await firstKept(tx);
  if ((row?.version ?? 0) < first - 1)
    throw damagedContext("The snapshot that its first version rests on is missing", { first });
  if (!row) return { version: 0, hash: ORIGIN, document: undefined, since: { changes: 0, snapshot: 0 } };
  return { ...opened(row), hash: row.hash, since: { changes: 0, snapshot: row.value.length } };
}

async function snapshotAt(tx: Asking, version: number): Promise<Snapshot | null> {
  const row = await readSnapshot(tx, version);
  return row ? opened(row) : null;
}

export function readSnapshot(tx: Asking, version: number): Promise<SnapshotRow | undefined> {
  return tx.one<SnapshotRow>(`${SNAPSHOT} and version = $2`, tx.project, version);
}

export interface SnapshotRow {
  readonly version: number;
  readonly value: string;
  readonly hash: string;
  readonly seal: string;
}

const SNAPSHOT = "select version, value, hash, seal from context_snapshot where project = $1";

/** @throws BerthError STORE_DAMAGED */
function opened(row: SnapshotRow): Snapshot {
  if (sealOf(row) !== row.seal)
    throw damagedContext(`The snapshot of its version ${row.version} is not what was kept`, { version: row.version });
  return { version: row.version, document: (parsed(row.value, row.version) as { value?: Json }).value };
}

function damagedContext(what: string, facts: Readonly<Record<string, unknown>>, cause?: unknown): BerthError {
  return new BerthError("STORE_DAMAGED", `The shared context is damaged: ${what}.`, {
    hint: "See what is sound, and what can be done, with: berth doctor",
    facts,
    cause,
  });
}

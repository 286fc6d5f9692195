import { isoSeconds } from "../clock.ts";
import { canonicalJson } from "../document/canonical-json.ts";
import type { Json } from "../document/json.ts";
import { BerthError } from "../errors.ts";
import { sha256 } from "../hash.ts";
import type { Reading } from "../store/store.ts";
import { applied, type Change, undone } from "./change.ts";

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
export async function readHead(tx: Reading): Promise<{ readonly version: number; readonly hash: string }> {
  const head = await tx.one<{ version: number; hash: string }>(
    "select version, hash from context_version where project = $1 order by version desc limit 1",
    tx.project,
  );
  return head ?? { version: 0, hash: ORIGIN };
}

/** Versions after one and up to another, oldest first. */
export async function readVersions(tx: Reading, after: number, upTo: number): Promise<Version[]> {
  const rows = await tx.all<VersionRow>(
    `select ${COLUMNS} from context_version where project = $1 and version > $2 and version <= $3 order by version`,
    tx.project,
    after,
    upTo,
  );
  return rows.map((row) => ({ ...row, at: isoSeconds(row.at), changes: parsed(row.changes, row.version) as Change[] }));
}

/** @throws BerthError STORE_DAMAGED: a text that is no JSON is never taken for an empty one */
function parsed(text: string, version: number): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new BerthError("STORE_DAMAGED", `Version ${version} of the shared context cannot be read.`, {
      hint: "See how far it is sound with: berth shared verify",
      facts: { version },
      cause: error,
    });
  }
}

/** One document for each store and project, the newest that was read: others are made from it. */
const newest = new Map<
  string,
  { readonly version: number; readonly hash: string; readonly document: Json | undefined }
>();

/**
 * The document at a version. The newest is remembered by version and brought forward by what was changed since; an
 * older one is the newest with the changes since taken back.
 * @param place what tells stores apart in this process
 * @throws BerthError NOT_FOUND for a version that does not exist or was pruned
 */
export async function documentAt(tx: Reading, place: string, version?: number): Promise<Json | undefined> {
  const head = await readHead(tx);
  const key = `${place}\0${tx.project}`;
  const known = newest.get(key);
  const fits = known && known.version <= head.version && (await hasHash(tx, known.version, known.hash));
  const from = fits ? known : await nearestSnapshot(tx);
  const changes = (await readVersions(tx, from.version, head.version)).flatMap((v) => v.changes);
  const document = applied(from.document, changes);
  newest.set(key, { ...head, document });
  if (version === undefined || version === head.version) return document;
  if (version > head.version || version < (await firstKept(tx)) - 1)
    throw new BerthError("NOT_FOUND", `The shared context has no version ${version} (any more).`, {
      hint: "See which there are with: berth shared history",
      facts: { version, newest: head.version },
    });
  return undone(
    document,
    (await readVersions(tx, version, head.version)).flatMap((v) => v.changes),
  );
}

/** A store that was deleted and made anew may have the same numbers. */
async function hasHash(tx: Reading, version: number, hash: string): Promise<boolean> {
  if (version === 0) return true;
  const row = await tx.one<{ hash: string }>(
    "select hash from context_version where project = $1 and version = $2",
    tx.project,
    version,
  );
  return row?.hash === hash;
}

/** The oldest version whose changes are kept. */
async function firstKept(tx: Reading): Promise<number> {
  const row = await tx.one<{ version: number | null }>(
    "select min(version) as version from context_version where project = $1",
    tx.project,
  );
  return row?.version ?? 1;
}

async function nearestSnapshot(tx: Reading): Promise<{ version: number; document: Json | undefined }> {
  const row = await tx.one<{ version: number; value: string }>(
    "select version, value from context_snapshot where project = $1 order by version desc limit 1",
    tx.project,
  );
  if (!row) return { version: 0, document: undefined };
  return { version: row.version, document: (parsed(row.value, row.version) as { value?: Json }).value };
}

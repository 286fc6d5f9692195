import { isBerthError } from "../errors.ts";
import type { Project } from "../project.ts";
import type { Reading } from "../store/store.ts";
import { hashOf, ORIGIN, readHead, readSnapshot, readVersions, sealOf, type Version } from "./version.ts";

export interface ChainReport {
  readonly sound: boolean;
  /** Where it begins: the oldest version that is kept, 0 without any. What was pruned before is known by its hash alone. */
  readonly first: number;
  /** How many versions were looked at. */
  readonly checked: number;
  /** The last version up to which everything fits. */
  readonly lastGood: number;
  /** The first that does not, and how. */
  readonly broken: { readonly version: number; readonly problem: string } | null;
}

const BATCH = 500;

/**
 * Walks the chain of versions, looks at the snapshots, and reports the first that does not fit. Nothing is mended or
 * overwritten. [XCS-18]
 */
export async function sharedVerify(
  project: Project,
  _input: Readonly<Record<string, never>> = {},
): Promise<ChainReport> {
  const store = await project.store.open();
  return store.read(walk);
}

async function walk(tx: Reading): Promise<ChainReport> {
  const chain = await walkVersions(tx);
  const snapshot = await brokenSnapshot(tx, chain.first);
  if (snapshot === null || (chain.broken && chain.broken.version < snapshot.version)) return chain;
  return { ...chain, sound: false, lastGood: Math.min(chain.lastGood, snapshot.version - 1), broken: snapshot };
}

async function walkVersions(tx: Reading): Promise<ChainReport> {
  const head = await readHead(tx);
  const first = await tx.one<{ version: number; previous: string }>(
    "select version, previous from context_version where project = $1 order by version limit 1",
    tx.project,
  );
  if (!first) return { sound: true, first: 0, checked: 0, lastGood: 0, broken: null };
  let previous = first.version === 1 ? ORIGIN : first.previous;
  let last = first.version - 1;
  let checked = 0;
  const broken = (version: number, problem: string): ChainReport => ({
    sound: false,
    first: first.version,
    checked,
    lastGood: last,
    broken: { version, problem },
  });
  for (let from = first.version - 1; from < head.version; from += BATCH) {
    const { versions, unreadable } = await readSome(tx, from, Math.min(from + BATCH, head.version));
    for (const version of versions) {
      const { hash, ...rest } = version;
      // A repair leaves numbers out that were used before; what it appended follows by its hash all the same.
      if (version.previous !== previous)
        return version.version === last + 1
          ? broken(version.version, `it follows ${version.previous}, and the one before is ${previous}`)
          : broken(last + 1, "it is missing");
      if (hashOf(rest) !== hash) return broken(version.version, "its content is not what its hash says");
      previous = hash;
      last = version.version;
      checked += 1;
    }
    if (unreadable) return broken(last + 1, "its changes cannot be read");
  }
  return { sound: true, first: first.version, checked, lastGood: head.version, broken: null };
}

/** One after the other, because each may be as large as the document. */
async function brokenSnapshot(tx: Reading, first: number): Promise<ChainReport["broken"]> {
  const found = await tx.all<{ version: number }>(
    "select version from context_snapshot where project = $1 order by version",
    tx.project,
  );
  for (const { version } of found) {
    const problem = await snapshotProblem(tx, version);
    if (problem !== null) return { version, problem };
  }
  const missing = first > 1 && !found.some(({ version }) => version >= first - 1);
  return missing ? { version: first, problem: "the snapshot that it rests on is missing" } : null;
}

async function snapshotProblem(tx: Reading, version: number): Promise<string | null> {
  const row = await readSnapshot(tx, version);
  if (!row || sealOf(row) !== row.seal) return "its snapshot is not what was kept";
  const own = await tx.one<{ hash: string }>(
    "select hash from context_version where project = $1 and version = $2",
    tx.project,
    version,
  );
  return own && own.hash !== row.hash ? "its snapshot is another version's" : null;
}

/** Versions up to the first that cannot be read. */
async function readSome(
  tx: Reading,
  after: number,
  upTo: number,
): Promise<{ versions: Version[]; unreadable: boolean }> {
  try {
    return { versions: await readVersions(tx, after, upTo), unreadable: false };
  } catch (error) {
    if (!isBerthError(error) || error.code !== "STORE_DAMAGED") throw error;
    if (upTo === after + 1) return { versions: [], unreadable: true };
    const middle = Math.floor((after + upTo) / 2);
    const first = await readSome(tx, after, middle);
    if (first.unreadable) return first;
    const second = await readSome(tx, middle, upTo);
    return { versions: [...first.versions, ...second.versions], unreadable: second.unreadable };
  }
}

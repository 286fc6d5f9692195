import { isBerthError } from "../errors.ts";
import type { Project } from "../project.ts";
import type { Reading } from "../store/store.ts";
import { hashOf, ORIGIN, readHead, readVersions, type Version } from "./version.ts";

export interface ChainReport {
  readonly sound: boolean;
  /** How many versions were looked at. */
  readonly checked: number;
  /** The last version up to which everything fits. */
  readonly lastGood: number;
  /** The first that does not, and how. */
  readonly broken: { readonly version: number; readonly problem: string } | null;
}

const BATCH = 500;

/** Walks the chain of versions and reports the first link that does not fit. Nothing is mended or overwritten. [XCS-18] */
export async function sharedVerify(
  project: Project,
  _input: Readonly<Record<string, never>> = {},
): Promise<ChainReport> {
  const store = await project.store.open();
  return store.read(walk);
}

async function walk(tx: Reading): Promise<ChainReport> {
  const head = await readHead(tx);
  const first = await tx.one<{ version: number; previous: string }>(
    "select version, previous from context_version where project = $1 order by version limit 1",
    tx.project,
  );
  if (!first) return { sound: true, checked: 0, lastGood: 0, broken: null };
  let previous = first.version === 1 ? ORIGIN : first.previous;
  let expected = first.version;
  let checked = 0;
  const broken = (problem: string): ChainReport => ({
    sound: false,
    checked,
    lastGood: expected - 1,
    broken: { version: expected, problem },
  });
  for (let from = first.version - 1; from < head.version; from += BATCH) {
    const { versions, unreadable } = await readSome(tx, from, Math.min(from + BATCH, head.version));
    for (const version of versions) {
      if (version.version !== expected) return broken("it is missing");
      const { hash, ...rest } = version;
      if (version.previous !== previous)
        return broken(`it follows ${version.previous}, and the one before is ${previous}`);
      if (hashOf(rest) !== hash) return broken("its content is not what its hash says");
      previous = hash;
      expected += 1;
      checked += 1;
    }
    if (unreadable) return broken("its changes cannot be read");
  }
  return { sound: true, checked, lastGood: head.version, broken: null };
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

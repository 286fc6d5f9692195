import type { ConflictRow } from "./conflict.ts";
import { isoSeconds } from "../clock.ts";
import type { Json } from "../document/json.ts";
import type { FoundRow } from "../store/sqlite-remains.ts";
import { applied, type Change } from "./change.ts";
import { hashOf, ORIGIN, sealOf, type Version } from "./version.ts";

/** What was found of one project's shared context. */
export interface Found {
  readonly versions: readonly FoundRow[];
  readonly snapshots: readonly FoundRow[];
  readonly conflicts: readonly FoundRow[];
  /** Which version each agent last read. */
  readonly reads: readonly FoundRow[];
  /** The highest version that anything else tells of. */
  readonly told: number;
  /** Whether there can be no others. */
  readonly complete: boolean;
}

/** What is made of it. */
export interface Salvage {
  /** The part of the history that proves itself by its hashes: the one that reaches furthest, oldest first. */
  readonly versions: readonly Version[];
  readonly snapshots: readonly SealedSnapshot[];
  readonly conflicts: readonly KeptConflict[];
  readonly reads: readonly { readonly agent: string; readonly path: string; readonly version: number }[];
  /** The highest number that was ever given, as far as anything tells: none is given twice. */
  readonly highest: number;
  /**
   * What stands from now on, where the history does not reach the highest number: the newest snapshot that is whole, and
   * on top of it what single versions say that are what was written although one before them is not.
   */
  readonly rest: {
    readonly before: Json | undefined;
    readonly document: Json | undefined;
    /** The versions that could still be read for it. */
    readonly from: readonly number[];
  } | null;
}

export interface SealedSnapshot {
  readonly version: number;
  readonly value: string;
  readonly message: string | null;
  readonly at: number;
  readonly hash: string;
  readonly seal: string;
}

export interface KeptConflict extends ConflictRow {
  readonly resolved_at: number | null;
  readonly resolution: string | null;
}

/**
 * Decides what can be kept of a damaged history. Only what proves itself is taken for what was written: versions by their
 * hashes, snapshots by their seals. [XCS-18]
 */
export function planSalvage(found: Found): Salvage {
  const valid = found.versions.flatMap(validVersion).toSorted((a, b) => a.version - b.version);
  const snapshots = found.snapshots.flatMap(validSnapshot).toSorted((a, b) => a.version - b.version);
  const conflicts = found.conflicts.flatMap(validConflict);
  const chain = runsOf(valid).findLast((run) => anchorOf(run, snapshots) !== null) ?? [];
  const last = chain.at(-1)?.version ?? 0;
  const everywhere = [...found.versions, ...found.snapshots, ...found.reads, ...found.conflicts];
  const known = everywhere.reduce((most, { version }) => Math.max(most, whole(version)), found.told);
  const highest = found.complete ? known : known + MARGIN;
  const first = chain[0]?.version ?? 0;
  const kept = new Set(chain.map(({ version }) => version));
  return {
    versions: chain,
    snapshots: snapshots.filter((s) => (s.version >= first - 1 && s.version <= last) || s.message !== null),
    conflicts,
    reads: found.reads.flatMap(({ agent, path, version }) =>
      typeof agent === "string" && typeof path === "string" && kept.has(whole(version))
        ? [{ agent, path, version: whole(version) }]
        : [],
    ),
    highest,
    rest: highest > last ? restOf(chain, valid, snapshots) : null,
  };
}

/** More than were ever written after the last that can be seen. */
const MARGIN = 1000;

/** Versions each of which follows the one before by its hash. */
function runsOf(versions: readonly Version[]): Version[][] {
  const runs: Version[][] = [];
  for (const version of versions) {
    const run = runs.at(-1);
    if (run?.at(-1)?.hash === version.previous) run.push(version);
    else runs.push([version]);
  }
  return runs;
}

/** What a run rests on: nothing before the very first version, or a snapshot within it or just before it. */
function anchorOf(run: readonly Version[], snapshots: readonly SealedSnapshot[]): SealedSnapshot | "origin" | null {
  const [first] = run;
  if (!first) return null;
  const hashes = new Map(run.map(({ version, hash }) => [version, hash]));
  hashes.set(first.version - 1, first.previous);
  const own = snapshots.findLast(({ version, hash }) => hashes.get(version) === hash);
  if (own) return own;
  return first.version === 1 && first.previous === ORIGIN ? "origin" : null;
}

function restOf(
  chain: readonly Version[],
  valid: readonly Version[],
  snapshots: readonly SealedSnapshot[],
): NonNullable<Salvage["rest"]> {
  const last = chain.at(-1)?.version ?? 0;
  const before = newestOf(chain, snapshots);
  const snapshot = snapshots.at(-1);
  const base =
    snapshot && snapshot.version > last
      ? { version: snapshot.version, document: documentOf(snapshot) }
      : { version: last, document: before };
  const more = valid.filter(({ version }) => version > base.version);
  const from = [...(base.version > last ? [base.version] : []), ...more.map(({ version }) => version)];
  return { before, document: applied(base.document, changesOf(more)), from };
}

function newestOf(chain: readonly Version[], snapshots: readonly SealedSnapshot[]): Json | undefined {
  const anchor = anchorOf(chain, snapshots);
  if (anchor === null || anchor === "origin") return applied(undefined, changesOf(chain));
  return applied(documentOf(anchor), changesOf(chain.filter(({ version }) => version > anchor.version)));
}

function changesOf(versions: readonly Version[]): Change[] {
  return versions.flatMap(({ changes }) => changes);
}

function documentOf(snapshot: SealedSnapshot): Json | undefined {
  return (JSON.parse(snapshot.value) as { value?: Json }).value;
}

function validVersion(row: FoundRow): Version[] {
  const { version, at, agent, base, message, hash, previous, changes } = row;
  if (typeof at !== "number" || typeof changes !== "string" || typeof hash !== "string") return [];
  try {
    const said = { version, agent, base, message, previous } as Omit<Version, "hash" | "at" | "changes">;
    const one = { ...said, at: isoSeconds(at), changes: JSON.parse(changes) as Change[] };
    return hashOf(one) === hash ? [{ ...one, hash }] : [];
  } catch {
    // A text that is torn, or a time that is none.
    return [];
  }
}

function validSnapshot(row: FoundRow): SealedSnapshot[] {
  const { version, value, message, at, hash, seal } = row;
  if (typeof version !== "number" || typeof value !== "string" || typeof hash !== "string") return [];
  if (sealOf({ version, value, hash }) !== seal) return [];
  return [{ version, value, hash, seal, at: whole(at), message: typeof message === "string" ? message : null }];
}

/** Nothing proves a conflict; one that can be read is shown again rather than forgotten. */
function validConflict(row: FoundRow): KeptConflict[] {
  const { id, path, reason, sides, ours_by, theirs_by, version, at, resolved_at, resolution } = row;
  const texts = [path, reason, sides, theirs_by];
  if (!texts.every((text) => typeof text === "string") || whole(id) === 0) return [];
  try {
    const keys = JSON.parse(String(path)) as unknown;
    if (!Array.isArray(keys) || !keys.every((key) => typeof key === "string")) return [];
    JSON.parse(String(sides));
  } catch {
    return [];
  }
  return [
    {
      id: whole(id),
      path: String(path),
      reason: String(reason),
      sides: String(sides),
      theirs_by: String(theirs_by),
      ours_by: typeof ours_by === "string" ? ours_by : null,
      version: whole(version),
      at: whole(at),
      resolved_at: typeof resolved_at === "number" ? whole(resolved_at) : null,
      resolution: typeof resolution === "string" ? resolution : null,
    },
  ];
}

function whole(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

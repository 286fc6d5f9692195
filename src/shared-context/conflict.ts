import { isoSeconds } from "../clock.ts";
import { type Json, sameJson } from "../document/json.ts";
import { printKeyPath } from "../document/key-path.ts";
import type { ConflictReason, ValueConflict } from "../document/merge-policy.ts";
import type { Asking, Writing } from "../store/store.ts";
import { related } from "./change.ts";

/** Two values for one place, both kept until somebody decides. The first one stands meanwhile. */
export interface Conflict {
  readonly id: number;
  readonly path: string;
  readonly reason: ConflictReason;
  /** Sides that do not exist are left out. */
  readonly base?: Json;
  readonly ours?: Json;
  readonly theirs?: Json;
  /** Who wrote the value that stands, as far as is known, and who the other one. */
  readonly oursBy: string | null;
  readonly theirsBy: string;
  readonly version: number;
  readonly at: string;
}

/** As stored, while nobody has decided it. */
export interface ConflictRow {
  readonly id: number;
  readonly path: string;
  readonly reason: string;
  readonly sides: string;
  readonly ours_by: string | null;
  readonly theirs_by: string;
  readonly version: number;
  readonly at: number;
}

const SELECT = `select id, path, reason, sides, ours_by, theirs_by, version, at from context_conflict
  where project = $1`;

/** What is not resolved at a path, above it or below it; with an empty path all. */
export async function openConflicts(tx: Asking, path: readonly string[] = []): Promise<Conflict[]> {
  const rows = await tx.all<ConflictRow>(`${SELECT} and resolved_at is null order by id`, tx.project);
  return rows
    .filter((row) => {
      const own = JSON.parse(row.path) as string[];
      return related(own, path) || related(path, own);
    })
    .map(conflictOf);
}

/** One conflict, resolved or not; null when there is none of that id. */
export async function conflictById(tx: Asking, id: number): Promise<Conflict | null> {
  const row = await tx.one<ConflictRow>(`${SELECT} and id = $2`, tx.project, id);
  return row ? conflictOf(row) : null;
}

function conflictOf(row: ConflictRow): Conflict {
  return {
    id: row.id,
    path: printKeyPath(JSON.parse(row.path) as string[]),
    reason: row.reason as ConflictReason,
    ...(JSON.parse(row.sides) as Pick<Conflict, "base" | "ours" | "theirs">),
    oursBy: row.ours_by,
    theirsBy: row.theirs_by,
    version: row.version,
    at: isoSeconds(row.at),
  };
}

/** The conflict that is open at the same place between the same values of the same writers; null where none is. */
export async function sameConflict(
  tx: Asking,
  { path, base, ours, theirs }: ValueConflict,
  { theirsBy }: { readonly theirsBy: string },
): Promise<number | null> {
  const there = (await openConflicts(tx, path)).find(
    (one) =>
      one.path === printKeyPath(path) &&
      one.theirsBy === theirsBy &&
      sameJson(one.base, base, 0) &&
      sameJson(one.ours, ours, 0) &&
      sameJson(one.theirs, theirs, 0),
  );
  return there?.id ?? null;
}

/** Keeps both values of a conflict. */
export async function storeConflict(
  tx: Writing,
  conflict: ValueConflict,
  who: { readonly oursBy: string | null; readonly theirsBy: string; readonly version: number },
): Promise<number> {
  const path = printKeyPath(conflict.path);
  const { base, ours, theirs } = conflict;
  const id = await tx.append({
    kind: "context.conflict",
    subject: path,
    agent: who.theirsBy,
    data: { ...who, reason: conflict.reason },
  });
  await tx.run(
    `insert into context_conflict (project, id, path, reason, sides, ours_by, theirs_by, version, at, resolved_at, resolution)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, null, null)`,
    tx.project,
    id,
    JSON.stringify(conflict.path),
    conflict.reason,
    JSON.stringify({ base, ours, theirs }),
    who.oursBy,
    who.theirsBy,
    who.version,
    tx.now,
  );
  return id;
}

import { isoSeconds } from "../../clock.ts";
import { enclosingFunction } from "../../document/enclosing-function.ts";
import type { TextConflict } from "../../document/merge-text.ts";
import type { Reading, Writing } from "../../store/store.ts";

/** Lines that two saves of one file changed, each in its own way. */
export interface ConflictLines {
  /** First and last line of them in the file as it is, from 1; where it has none, both are the line before which they would stand. */
  readonly from: number;
  readonly to: number;
  /** What stands around them: `login()`, `class Session`; null where nothing is found. */
  readonly function: string | null;
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

/**
 * `overlap`: both changed the same lines; `critical`: the file is named so, and any two changes of it are a conflict;
 * `unknown-base`: nobody knows any more what the second one had started from; `deleted`: the file is gone; `added`: both
 * made it.
 */
export type FileConflictReason = "overlap" | "critical" | "unknown-base" | "deleted" | "added";

/** A save that could not be merged. The file stays as it is, and both texts are kept. */
export interface FileConflict {
  readonly id: number;
  readonly path: string;
  readonly reason: FileConflictReason;
  readonly lines: readonly ConflictLines[];
  /** Hashes of the text that stands and of the one that was refused. */
  readonly ours: string;
  readonly theirs: string;
  /** What git reads the refused text by: `git show REF`. */
  readonly kept: string;
  /** Who saved last; null where the file was changed past Berth. */
  readonly oursBy: string | null;
  readonly theirsBy: string;
  readonly at: string;
}

/** Where conflicts of texts are, as people look for them. */
export function linesOf(conflicts: readonly TextConflict[], text: string): ConflictLines[] {
  const lines = text.split("\n");
  return conflicts.map(({ line, base, ours, theirs }) => {
    const count = ours.split("\n").length - (ours.endsWith("\n") || ours === "" ? 1 : 0);
    const to = Math.max(line, line + count - 1);
    const around = enclosingFunction(lines, line) ?? enclosingFunction(lines, to);
    return { from: line, to, function: around, base, ours, theirs };
  });
}

/** `src/api.ts, lines 3 to 5 in login()`. */
export function placeOf({ path, lines }: Pick<FileConflict, "path" | "lines">): string {
  const places = lines.map(({ from, to, function: name }) => {
    const where = from === to ? `line ${from}` : `lines ${from} to ${to}`;
    return name === null ? where : `${where} in ${name}`;
  });
  return [path, ...places.slice(0, 5), ...(places.length > 5 ? [`${places.length - 5} more`] : [])].join(", ");
}

interface ConflictRow {
  readonly id: number;
  readonly path: string;
  readonly reason: string;
  readonly hunks: string;
  readonly ours: string;
  readonly theirs: string;
  readonly kept: string;
  readonly ours_by: string | null;
  readonly theirs_by: string;
  readonly at: number;
}

const COLUMNS = "id, path, reason, hunks, ours, theirs, kept, ours_by, theirs_by, at";

/** What is not decided yet, the oldest first. @param only of one file of one checkout */
export async function openFileConflicts(
  tx: Reading,
  only?: { readonly place: string; readonly path: string },
): Promise<FileConflict[]> {
  const rows = await tx.all<ConflictRow>(
    `select ${COLUMNS} from file_conflict where project = $1 and resolved_at is null
     ${only ? "and place = $2 and path = $3" : ""} order by id`,
    tx.project,
    ...(only ? [only.place, only.path] : []),
  );
  return rows.map(({ hunks, ours_by, theirs_by, at, ...row }) => ({
    ...row,
    reason: row.reason as FileConflictReason,
    lines: JSON.parse(hunks) as ConflictLines[],
    oursBy: ours_by,
    theirsBy: theirs_by,
    at: isoSeconds(at),
  }));
}

/** Keeps a conflict; the same save tried again is the same conflict. */
export async function storeFileConflict(
  tx: Writing,
  place: string,
  conflict: Omit<FileConflict, "id" | "at">,
): Promise<{ readonly conflict: FileConflict; readonly isNew: boolean }> {
  const { path, reason, lines, ours, theirs, kept, oursBy, theirsBy } = conflict;
  const known = (await openFileConflicts(tx, { place, path })).find(
    (one) => one.theirs === theirs && one.theirsBy === theirsBy && one.ours === ours,
  );
  if (known) return { conflict: known, isNew: false };
  const data = {
    reason,
    lines: lines.map(({ from, to, function: name }) => ({ from, to, function: name })),
    kept,
    oursBy,
  };
  const id = await tx.append({ kind: "file.conflict", subject: path, agent: theirsBy, data });
  await tx.run(
    `insert into file_conflict (project, id, place, path, reason, hunks, ours, theirs, kept, ours_by, theirs_by, at, resolved_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, null)`,
    tx.project,
    id,
    place,
    path,
    reason,
    JSON.stringify(lines),
    ours,
    theirs,
    kept,
    oursBy,
    theirsBy,
    tx.now,
  );
  return { conflict: { ...conflict, id, at: isoSeconds(tx.now) }, isNew: true };
}

/** Ends conflicts. */
export async function resolveFileConflicts(tx: Writing, conflicts: readonly FileConflict[], by: string): Promise<void> {
  for (const { id, path } of conflicts) {
    await tx.run("update file_conflict set resolved_at = $3 where project = $1 and id = $2", tx.project, id, tx.now);
    await tx.append({ kind: "file.resolved", subject: path, agent: by, data: { conflict: id } });
  }
}

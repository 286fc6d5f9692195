import { isoSeconds } from "../clock.ts";
import { printKeyPath } from "../document/key-path.ts";
import { isJsonMap, type Json, sameJson } from "../document/json.ts";
import type { Project } from "../project.ts";
import { documentAt, firstKept, readHead, readVersions } from "./version.ts";
import { valueAt } from "./change.ts";

/** One version as lists show it. */
export interface VersionRow {
  readonly version: number;
  readonly at: string;
  readonly agent: string;
  readonly base: number;
  readonly message: string | null;
  readonly hash: string;
  readonly paths: readonly string[];
}

/** The versions, newest first. @param input.limit how many at most; 50 without it */
export async function sharedHistory(
  project: Project,
  input: { readonly limit?: number | undefined } = {},
): Promise<{
  versions: readonly VersionRow[];
  snapshots: readonly { version: number; message: string; at: string }[];
}> {
  const store = await project.store.open();
  return store.read(async (tx) => {
    const head = await readHead(tx);
    const versions = await readVersions(tx, Math.max(0, head.version - (input.limit ?? 50)), head.version);
    const snapshots = await tx.all<{ version: number; message: string; at: number }>(
      "select version, message, at from context_snapshot where project = $1 and message is not null order by version desc",
      tx.project,
    );
    return {
      versions: versions
        .map(({ changes, previous: _previous, ...rest }) => ({
          ...rest,
          paths: changes.map(({ path }) => printKeyPath(path)),
        }))
        .toReversed(),
      snapshots: snapshots.map((row) => ({ ...row, at: isoSeconds(row.at) })),
    };
  });
}

/** A place that differs between two versions; sides that do not exist are left out. */
export interface Difference {
  readonly path: string;
  readonly before?: Json;
  readonly after?: Json;
}

/** What changed between two versions, each place once. @throws BerthError NOT_FOUND for a version */
export async function sharedDiff(
  project: Project,
  input: { readonly from: number; readonly to?: number | undefined },
): Promise<{ from: number; to: number; changes: readonly Difference[] }> {
  const store = await project.store.open();
  return store.read(async (tx) => {
    const to = input.to ?? (await readHead(tx)).version;
    const [before, after] = [await documentAt(tx, store.place, input.from), await documentAt(tx, store.place, to)];
    const [low, high] = [Math.min(input.from, to), Math.max(input.from, to)];
    const paths = new Map<string, readonly string[]>();
    for (const { changes } of await readVersions(tx, low, high))
      for (const { path } of changes) paths.set(printKeyPath(path), path);
    // What was changed in pruned versions nobody knows: then every key is compared.
    if (low < (await firstKept(tx)) - 1)
      for (const key of [before, after].flatMap((side) => (isJsonMap(side) ? Object.keys(side) : [])))
        paths.set(printKeyPath([key]), [key]);
    const changes: Difference[] = [];
    for (const [name, path] of [...paths].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const [old, now] = [valueAt(before, path), valueAt(after, path)];
      if (sameJson(old, now, 0)) continue;
      changes.push({
        path: name,
        ...(old === undefined ? {} : { before: old }),
        ...(now === undefined ? {} : { after: now }),
      });
    }
    return { from: input.from, to, changes };
  });
}

import { type Json, sameJson } from "../document/json.ts";
import { printKeyPath } from "../document/key-path.ts";
import { mergeValues } from "../document/merge-values.ts";
import { operand } from "../shell-word.ts";
import type { Reading } from "../store/store.ts";
import { applied, type Change, changeOf, undone, valueAt } from "./change.ts";
import { withPart } from "./part.ts";
import { documentAt, firstKept, hashAt, notKept, readHead, type Version } from "./version.ts";

/**
 * What a writer knows at a path: what was there at its base, with what it changed there itself since. What others
 * changed in between it has not seen, not even where its own later version holds it.
 * @param writer.agent whose own versions are known to him; null where he named his base
 * @param now what is there
 * @param since the versions that changed something there, the writer's own among them, oldest first
 * @param start what the writer saw at its base, where that is not what was before the first of them
 */
export function knownAt(
  { agent, path }: { readonly agent: string | null; readonly path: readonly string[] },
  now: Json | undefined,
  since: readonly Version[],
  start: { readonly value: Json | undefined } | null,
): Json | undefined {
  const steps = since.map((version) => ({ own: version.agent === agent, changes: seenFrom(path, version.changes) }));
  let there = undone(
    now,
    steps.flatMap(({ changes }) => changes),
  );
  let known = start ? start.value : there;
  for (const { own, changes } of steps) {
    const after = applied(there, changes);
    if (own) known = withOwn(there, known, after);
    there = after;
  }
  return known;
}

/** Changes as those of the value at a path alone. */
function seenFrom(path: readonly string[], changes: readonly Change[]): Change[] {
  return changes.flatMap((change) => {
    const depth = Math.min(path.length, change.path.length);
    if (change.path.slice(0, depth).some((key, i) => key !== path[i])) return [];
    const way = path.slice(depth);
    return [changeOf(change.path.slice(depth), valueAt(change.before, way), valueAt(change.after, way))];
  });
}

/** What was known, with what its writer made of `before`. */
function withOwn(before: Json | undefined, known: Json | undefined, after: Json | undefined): Json | undefined {
  if (sameJson(before, known, 0)) return after;
  const { value, conflicts } = mergeValues(before, known, after, { policyAt: () => "three-way" });
  // Where the writer replaced what it had not seen, it knows what it wrote.
  return conflicts.reduce<Json | undefined>(
    (at, { path, theirs, reason }) => (reason === "order" ? at : (withPart(at, path, theirs)?.value ?? at)),
    value,
  );
}

/**
 * The document that a write started from, where not all versions since are kept.
 * @param path where it is to write, and would have to read again
 * @throws BerthError NOT_FOUND where the version is gone as well
 */
export async function documentBefore(
  tx: Reading,
  place: string,
  base: number,
  path: readonly string[],
): Promise<Json | undefined> {
  if (base === 0 || (await hashAt(tx, base)) !== undefined) return documentAt(tx, place, base);
  const { version } = await readHead(tx);
  const hint = `Read it again, then write: berth shared get ${operand(printKeyPath(path))}`;
  throw notKept(base, await firstKept(tx), version, hint);
}
